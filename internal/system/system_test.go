package system

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// machine writes files below a root and loads them; ~ is a home directory there.
func machine(t *testing.T, files, env map[string]string) (rules *Rules, root string) {
	t.Helper()
	root = t.TempDir()
	home := filepath.Join(root, "home")
	for name, content := range files {
		path := filepath.Join(root, strings.Replace(name, "~", "home", 1))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Load(Options{Home: home, Root: root, Getenv: func(name string) string {
		return strings.ReplaceAll(env[name], "ROOT", root)
	}}), root
}

// said replaces the root in the warnings.
func said(r *Rules, root string) []string {
	var all []string
	for _, w := range r.Warnings {
		all = append(all, strings.ReplaceAll(w.Text, root, "ROOT"))
	}
	return all
}

const containersConf = `unqualified-search-registries = ["docker.io"]

[[registry]]
location = "plain.example:5000"
insecure = true

[[registry]]
prefix = "*.lab.example"
insecure = true

[[registry]]
prefix = "Docker.io"
location = "hub.corp.example/hub"
insecure = true
  [[registry.mirror]]
  location = "mirror.example:5001/cache/"
  insecure = true
  [[registry.mirror]]
  location = "second.example"
  pull-from-mirror = "digest-only"

[[registry]]
prefix = "docker.io/library/secret"
blocked = true

[[registry]]
prefix = "tags.example"
[[registry.mirror]]
location = "tags-mirror.example"
pull-from-mirror = "tag-only"

[aliases]
"fedora" = "registry.fedoraproject.org/fedora"
"ubi8/ubi" = "registry.access.redhat.com/ubi8/ubi"
`

func TestContainers(t *testing.T) {
	t.Parallel()
	const conf = "etc/containers/registries.conf"
	r, root := machine(t, map[string]string{conf: containersConf}, nil)
	path := filepath.Join(root, conf)
	if len(r.Warnings) > 0 {
		t.Error(r.Warnings)
	}
	for _, c := range []struct {
		host  string
		named bool
		want  TLS
		line  int
	}{
		{"plain.example:5000", true, insecure(), 3},
		{"PLAIN.example:5000", true, insecure(), 3},
		{"plain.example", true, TLS{}, 0},
		{"plain.example:443", true, TLS{}, 0},
		{"a.lab.example:8443", true, insecure(), 7},
		{"a.b.lab.example", false, insecure(), 7},
		{"lab.example", true, TLS{}, 0},
		{"xlab.example", true, TLS{}, 0},
		// insecure of a location or a mirror is not about the registry, nor about the
		// host by its own name.
		{"docker.io", true, TLS{}, 0},
		{"hub.corp.example", false, insecure(), 11},
		{"hub.corp.example", true, TLS{}, 0},
		{"mirror.example:5001", false, insecure(), 15},
		{"mirror.example:5001", true, TLS{}, 0},
		{"second.example", false, TLS{}, 0},
	} {
		got, at, ok := r.Host(c.host, c.named)
		if diff := cmp.Diff(c.want, got); diff != "" || ok != (c.line > 0) || at.Line != c.line || ok && at.File != path {
			t.Errorf("%s, named %v: %v %s", c.host, c.named, at, diff)
		}
	}
	for name, want := range map[string]Sources{
		"index.docker.io/library/busybox": {
			Prefix: "docker.io", Location: "hub.corp.example/hub", At: Origin{path, 11}, Mirrors: []Mirror{
				{Address: "mirror.example:5001/cache", TLS: insecure(), Origin: Origin{path, 15}},
				{Address: "second.example", Only: OnlyDigests, Origin: Origin{path, 18}},
			},
		},
		"docker.io/library/secret":   {Prefix: "docker.io/library/secret", Blocked: &Origin{path, 22}, At: Origin{path, 22}},
		"docker.io/library/secret/x": {Prefix: "docker.io/library/secret", Blocked: &Origin{path, 22}, At: Origin{path, 22}},
		"tags.example/a": {Prefix: "tags.example", At: Origin{path, 26}, Mirrors: []Mirror{
			{Address: "tags-mirror.example", Only: OnlyTags, Origin: Origin{path, 28}},
		}},
		"plain.example:5000/a": {},
		"tags.example.org/a":   {},
	} {
		if diff := cmp.Diff(want, r.Repository(name)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got := r.Repository("docker.io/library/secrets"); got.Blocked != nil || got.Location == "" {
		t.Errorf("a longer name is not below the prefix: %+v", got)
	}
	if name, at, ok := r.Alias("ubi8/ubi"); name != "registry.access.redhat.com/ubi8/ubi" || at != (Origin{path, 34}) || !ok {
		t.Errorf("alias %s %v", name, at)
	}
	if diff := cmp.Diff([]string{"docker.io/library/secret"}, r.Within("index.docker.io")); diff != "" {
		t.Error(diff)
	}
}

func TestContainersFilesAreReadInTheOrderOfPodman(t *testing.T) {
	t.Parallel()
	entry := func(host string) string { return "[[registry]]\nlocation = \"" + host + "\"\ninsecure = true\n" }
	off := "[[registry]]\nlocation = \"etc.example\"\n[aliases]\na = \"\"\n"
	files := map[string]string{
		"usr/share/containers/registries.conf":          entry("usr.example"),
		"etc/containers/registries.conf":                entry("etc.example") + "[aliases]\na = \"x.example/a\"\n",
		"etc/containers/registries.conf.d/1.conf":       entry("drop.example"),
		"etc/containers/registries.conf.d/2.txt":        entry("text.example"),
		"~/.config/containers/registries.conf.d/9.conf": off,
		"named.conf":                                         entry("named.example"),
		"xdg/containers/registries.conf":                     entry("own.example"),
		"xdg/containers/registries.conf.d/1.conf":            entry("own-drop.example"),
		"other/etc/containers/registries.conf.d/ignored.txt": "",
	}
	for name, c := range map[string]struct {
		env  map[string]string
		want []string
	}{
		"machine": {nil, []string{"drop.example"}},
		"named":   {map[string]string{"CONTAINERS_REGISTRIES_CONF": "ROOT/named.conf"}, []string{"drop.example", "named.example"}},
		"user":    {map[string]string{"XDG_CONFIG_HOME": "ROOT/xdg"}, []string{"own.example", "own-drop.example"}},
	} {
		r, _ := machine(t, files, c.env)
		var got []string
		for _, host := range []string{"usr.example", "etc.example", "drop.example", "text.example", "named.example", "own.example", "own-drop.example"} {
			if _, _, ok := r.Host(host, true); ok {
				got = append(got, host)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" || len(r.Warnings) > 0 {
			t.Errorf("%s: %s %v", name, diff, r.Warnings)
		}
		if _, _, ok := r.Alias("a"); ok {
			t.Errorf("%s: an empty alias removes one", name)
		}
	}
}

func TestContainersVersion1(t *testing.T) {
	t.Parallel()
	r, _ := machine(t, map[string]string{"etc/containers/registries.conf": "[registries.search]\nregistries = ['docker.io']\n[registries.insecure]\nregistries = ['old.example:5000']\n[registries.block]\nregistries = ['bad.example']\n"}, nil)
	if got, at, _ := r.Host("old.example:5000", true); !cmp.Equal(got, insecure()) || at.Line != 4 {
		t.Errorf("%+v %v", got, at)
	}
	if got := r.Repository("bad.example/a"); got.Blocked == nil || got.Blocked.Line != 6 {
		t.Errorf("%+v", got)
	}
}

func TestContainerd(t *testing.T) {
	t.Parallel()
	r, root := machine(t, map[string]string{
		"etc/containerd/certs.d/registry.example/hosts.toml": `server = "https://registry.example"
ca = "ca.crt"
client = [["client.cert", "/keys/client.key"], ["other.cert", ""]]

[host."https://z-first.example"]
  capabilities = ["pull", "resolve"]
  skip_verify = true
[host."http://second.example:5000/v2/hub"]
  capabilities = ["pull"]
  override_path = true
  [host."http://second.example:5000/v2/hub".header]
    x-token = "secret"
[host."https://push.example"]
  capabilities = ["push"]
[host."https://path.example/proxy"]
[host."https://resolve.example"]
  capabilities = ["resolve"]
`,
		"etc/containerd/certs.d/10.0.0.5_5000_/hosts.toml": "server = \"http://10.0.0.5:5000\"\n",
		"etc/containerd/certs.d/docker.io/hosts.toml":      "server = \"https://registry-1.docker.io\"\n[host.\"https://hub.example\"]\n",
		"etc/containerd/certs.d/moved.example/hosts.toml":  "server = \"https://new.example\"\nskip_verify = true\nca = [\"/a.pem\", \"b.pem\"]\n",
		"etc/containerd/certs.d/_default/hosts.toml":       "server = \"https://all.example\"\n[host.\"http://127.0.0.1:30020\"]\n",
		"etc/docker/certs.d/docker.io/hosts.toml":          "[host.\"https://not-read.example\"]\n",
		"etc/containerd/certs.d/empty.example/ca.crt":      "not a hosts.toml",
	}, nil)
	dir := filepath.Join(root, "etc/containerd/certs.d")
	at := func(host string, line int) Origin { return Origin{filepath.Join(dir, host, "hosts.toml"), line} }
	wantTLS := func(host string, named bool, want TLS) {
		t.Helper()
		if got, _, _ := r.Host(host, named); !cmp.Equal(got, want) {
			t.Errorf("%s: %s", host, cmp.Diff(want, got))
		}
	}
	own := filepath.Join(dir, "registry.example")
	wantTLS("registry.example", true, TLS{CAFiles: []string{own + "/ca.crt"}, ClientCert: own + "/client.cert", ClientKey: "/keys/client.key"})
	wantTLS("10.0.0.5:5000", true, TLS{PlainHTTP: true})
	wantTLS("z-first.example", false, TLS{SkipVerify: true})
	wantTLS("z-first.example", true, TLS{})
	wantTLS("second.example:5000", false, TLS{PlainHTTP: true})
	wantTLS("new.example", false, TLS{SkipVerify: true, CAFiles: []string{"/a.pem", dir + "/moved.example/b.pem"}})
	wantTLS("moved.example", true, TLS{})
	for name, want := range map[string]Sources{
		"registry.example/app": {Prefix: "registry.example", At: at("registry.example", 1), Mirrors: []Mirror{
			{Address: "z-first.example", TLS: TLS{SkipVerify: true}, Origin: at("registry.example", 5)},
			{Address: "second.example:5000/hub", Only: OnlyDigests, TLS: TLS{PlainHTTP: true}, Origin: at("registry.example", 8)},
		}},
		"index.docker.io/library/a": {Prefix: "docker.io", At: at("docker.io", 1), Mirrors: []Mirror{{Address: "hub.example", Origin: at("docker.io", 2)}}},
		"moved.example/a":           {Prefix: "moved.example", Location: "new.example", At: at("moved.example", 1)},
		"other.example/a":           {},
	} {
		if diff := cmp.Diff(want, r.Repository(name)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if about, general := r.WarningsAbout("Registry.example"), r.WarningsAbout(""); len(about) != 4 || len(general) != 2 {
		t.Errorf("warnings about the registry %q, about all %q", about, general)
	}
	const file = "ROOT/etc/containerd/certs.d/"
	if diff := cmp.Diff([]string{
		file + "_default/hosts.toml:1: server left out: it would take the place of every registry",
		file + "_default/hosts.toml:2: host left out: a mirror of every registry needs the parameter ns, which is not sent",
		file + "registry.example/hosts.toml:1: client: only the first of 2 client certificates is used",
		file + "registry.example/hosts.toml:8: header left out: headers of a file are not sent",
		file + `registry.example/hosts.toml:15: host left out: "https://path.example/proxy" has its registry below a path before /v2`,
		file + "registry.example/hosts.toml:16: host left out: it can only resolve tags",
	}, said(r, root)); diff != "" {
		t.Error(diff)
	}
}

func TestDocker(t *testing.T) {
	t.Parallel()
	r, root := machine(t, map[string]string{"etc/docker/daemon.json": "\xef\xbb\xbf" + `{
  "debug": true,
  "insecure-registries": ["plain.example:5000", "http://old.example/", "10.0.0.0/8", "fd00::/8", "a b"],
  "registry-mirrors": [
    "https://mirror.example/",
    "http://plain-mirror.example:5000",
    "https://path.example/hub"
  ]
}`}, nil)
	path := filepath.Join(root, "etc/docker/daemon.json")
	for host, want := range map[string]bool{
		"plain.example:5000": true, "old.example": true, "10.1.2.3": true, "10.1.2.3:5000": true, "[fd00::1]:5000": true,
		"11.0.0.1": false, "[fe80::1]": false, "10.example": false, "docker.io": false,
	} {
		if got, at, ok := r.Host(host, true); ok != want || ok && (!cmp.Equal(got, insecure()) || at != (Origin{path, 3})) {
			t.Errorf("%s: %v %+v %v", host, ok, got, at)
		}
	}
	want := []Mirror{{Address: "mirror.example", Origin: Origin{path, 5}}, {Address: "plain-mirror.example:5000", TLS: TLS{PlainHTTP: true}, Origin: Origin{path, 6}}}
	if diff := cmp.Diff(want, r.Repository("docker.io/library/a").Mirrors); diff != "" {
		t.Error(diff)
	}
	if got := r.Repository("quay.io/a/b"); len(got.Mirrors) > 0 {
		t.Errorf("they are for Docker Hub alone: %v", got)
	}
	if diff := cmp.Diff([]string{
		`ROOT/etc/docker/daemon.json:3: insecure-registries: "a b" left out: it is not HOST, HOST:PORT or a network`,
		`ROOT/etc/docker/daemon.json:7: registry-mirrors: "https://path.example/hub" left out: it is not http[s]://HOST[:PORT]`,
	}, said(r, root)); diff != "" {
		t.Error(diff)
	}
}

func TestOfSeveralProgramsTheFirstDecides(t *testing.T) {
	t.Parallel()
	r, _ := machine(t, map[string]string{
		"etc/docker/daemon.json":                      `{"insecure-registries": ["a.example", "b.example"], "registry-mirrors": ["https://docker.example"]}`,
		"etc/containerd/certs.d/a.example/hosts.toml": "server = \"http://a.example\"\n",
		"etc/containers/registries.conf":              "[[registry]]\nlocation = \"docker.io\"\n[[registry.mirror]]\nlocation = \"podman.example\"\n",
	}, nil)
	if got, _, _ := r.Host("a.example", true); !cmp.Equal(got, TLS{PlainHTTP: true}) {
		t.Errorf("%+v", got)
	}
	if got, _, _ := r.Host("b.example", true); !cmp.Equal(got, insecure()) {
		t.Errorf("%+v", got)
	}
	if got := r.Repository("docker.io/library/a").Mirrors; len(got) != 1 || got[0].Address != "podman.example" {
		t.Errorf("%+v", got)
	}
}

func TestABrokenFileIsLeftOutWithAWarning(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, content, want string
	}{
		"no TOML":       {"etc/containers/registries.conf", "[[registry]]\nlocation = a.example\n", ":2: left out: "},
		"wrong type":    {"etc/containers/registries.conf", "[[registry]]\nlocation = 1\n", ":2: left out: the value of location has the wrong type"},
		"string switch": {"etc/containers/registries.conf", "[[registry]]\nlocation = \"a.example\"\ninsecure = \"true\"\n", ":3: left out: "},
		"no prefix":     {"etc/containers/registries.conf", "\n[[registry]]\ninsecure = true\n", `:2: left out: the prefix "" is not`},
		"URL":           {"etc/containers/registries.conf", "[[registry]]\nlocation = \"http://a.example\"\n", ":1: left out: the prefix"},
		"tag":           {"etc/containers/registries.conf", "[[registry]]\nprefix = \"a.example/b:1\"\nblocked = true\n", ":1: left out: the prefix"},
		"part":          {"etc/containers/registries.conf", "[[registry]]\nprefix = \"a.example/b\"\ninsecure = true\n", ":1: insecure left out: it is for part of the registry a.example"},
		"wild location": {"etc/containers/registries.conf", "[[registry]]\nprefix = \"*.a.example\"\nlocation = \"b.example\"\n", ":1: left out: the location"},
		"mirror":        {"etc/containers/registries.conf", "[[registry]]\nprefix = \"a.example\"\n[[registry.mirror]]\nlocation = \"https://b.example\"\n", ":3: mirror left out: "},
		"mirror word":   {"etc/containers/registries.conf", "[[registry]]\nprefix = \"a.example\"\n[[registry.mirror]]\nlocation = \"b.example\"\npull-from-mirror = \"never\"\n", `:3: mirror left out: unknown value "never"`},
		"hosts.toml":    {"etc/containerd/certs.d/a.example/hosts.toml", "server = \n", ":1: left out: "},
		"server":        {"etc/containerd/certs.d/a.example/hosts.toml", "server = \"ftp://a.example\"\n", ":1: server left out: "},
		"userinfo":      {"etc/containerd/certs.d/a.example/hosts.toml", "[host.\"https://u:p@b.example\"]\n", ":1: host left out: "},
		"JSON":          {"etc/docker/daemon.json", "{\n\"insecure-registries\": [}", ": left out: line 2: it is not JSON"},
		"JSON type":     {"etc/docker/daemon.json", "{\"registry-mirrors\": \"a\"}", ": left out: line 1: "},
		"large":         {"etc/docker/daemon.json", strings.Repeat(" ", maxFile+1), ": left out: it is larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, root := machine(t, map[string]string{c.file: c.content}, nil)
			if got := said(r, root); len(got) != 1 || !strings.Contains(got[0], "ROOT/"+c.file+c.want) {
				t.Errorf("warnings %q, want %s", got, c.want)
			}
			if _, _, ok := r.Host("a.example", true); ok {
				t.Error("something of it is used")
			}
		})
	}
	r, root := machine(t, nil, map[string]string{"CONTAINERS_REGISTRIES_CONF": "ROOT/none"})
	if diff := cmp.Diff([]string{"ROOT/none: left out: no such file or directory"}, said(r, root)); diff != "" {
		t.Error(diff)
	}
	if r, _ := machine(t, map[string]string{"etc/docker/daemon.json": "", "etc/containers/registries.conf": ""}, nil); len(r.Warnings) > 0 {
		t.Error(r.Warnings)
	}
}
