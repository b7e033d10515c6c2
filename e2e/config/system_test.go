//go:build e2e

package config

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// machine is a user whose home has files of other programs.
func machine(t *testing.T, files map[string]string) clitest.Session {
	t.Helper()
	home := t.TempDir()
	for name, content := range files {
		path := filepath.Join(home, name)
		clitest.Must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		clitest.Must(t, os.WriteFile(path, []byte(content), 0o600))
	}
	return clitest.Session{Home: home}
}

const (
	registriesConf = ".config/containers/registries.conf"
	daemonJSON     = ".config/docker/daemon.json"
)

func hostsTOML(host string) string { return ".config/containerd/certs.d/" + host + "/hosts.toml" }

// startWith starts a registry with images of its own in app.
func startWith(t *testing.T, name, repo string) (*registrytest.RecordingProxy, fixture.ImageSet) {
	t.Helper()
	p := (&registrytest.RecordingProxy{Backend: registrytest.StartOpen(t)}).Open(t)
	images := fixture.NewImageSet(t, fixture.OCI(), name)
	p.Backend.PutImages(t, repo, images)
	return p, images
}

func reads(p *registrytest.RecordingProxy) int {
	return len(p.Seen.Matching(func(r registrytest.Request) bool { return !r.IsWrite() }))
}

// TestSystemMirrors reads from the mirrors that registries.conf, hosts.toml and
// daemon.json name, and only if it is asked to.
func TestSystemMirrors(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]func(registry, mirror string) (string, string){
		"registries.conf": func(registry, mirror string) (string, string) {
			return registriesConf, "[[registry]]\nlocation = \"" + registry + "\"\n[[registry.mirror]]\nlocation = \"" + mirror + "/cache\"\n"
		},
		"registries.conf, part": func(registry, mirror string) (string, string) {
			return registriesConf, "[[registry]]\nprefix = \"" + registry + "/app\"\n[[registry.mirror]]\nlocation = \"" + mirror + "/cache/app\"\n"
		},
		"location": func(registry, mirror string) (string, string) {
			return registriesConf, "[[registry]]\nprefix = \"" + registry + "\"\nlocation = \"" + mirror + "/cache\"\n"
		},
		"hosts.toml": func(registry, mirror string) (string, string) {
			return hostsTOML(registry), "server = \"http://" + registry + "\"\n[host.\"http://" + mirror + "/v2/cache\"]\n  override_path = true\n"
		},
		"hosts.toml, server": func(registry, mirror string) (string, string) {
			return hostsTOML(strings.Replace(registry, ":", "_", 1) + "_"), "server = \"http://" + mirror + "/v2/cache\"\noverride_path = true\n"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			registry, own := startWith(t, "registry", "app")
			mirror, other := startWith(t, "mirror", "cache/app")
			path, content := file(registry.Host, mirror.Host)
			s := machine(t, map[string]string{path: content})
			plain := s.Run(t, "resolve", "--platform", "linux/amd64", registry.Host+"/app:amd64")
			if !strings.Contains(plain.Stdout, own[0].Image.Digest().String()) || reads(mirror) > 0 {
				t.Errorf("without the flag: %s %s", plain.Stdout, plain.Stderr)
			}
			for _, how := range []clitest.Session{
				{Home: s.Home, Env: []string{"MANIFEST_TOOL_SYSTEM_REGISTRIES=true"}},
				machine(t, map[string]string{path: content, ".config/manifest-tool/config.yaml": "system-registries: true\n"}),
			} {
				done := how.Run(t, "resolve", "--platform", "linux/amd64", registry.Host+"/app:amd64")
				done.WantCode(t, 0)
				if !strings.Contains(done.Stdout, other[0].Image.Digest().String()) || done.Stderr != "" {
					t.Errorf("%s %s", done.Stdout, done.Stderr)
				}
			}
			// A mirror of the settings takes the place of those of the machine.
			how := machine(t, map[string]string{path: content, ".config/manifest-tool/config.yaml": "registries:\n  - name: " + registry.Host + "\n    mirror: []\n"})
			done := how.Run(t, "--system-registries", "resolve", "--platform", "linux/amd64", registry.Host+"/app:amd64")
			if !strings.Contains(done.Stdout, own[0].Image.Digest().String()) {
				t.Errorf("against a setting: %s %s", done.Stdout, done.Stderr)
			}
			// A push writes to the registry, not to a mirror or a location.
			spec := clitest.WriteSpec(t, registry.Host, own.Spec("REGISTRY/app:all", "REGISTRY/app:%s"))
			s.Run(t, "--system-registries", "push", "from-spec", spec).PushedDigest(t)
			mirror.Seen.WantNoWrites(t)
		})
	}
}

// TestSystemMirrorOfDockerHub reads an image of Docker Hub from the mirror of
// daemon.json, without a request to Docker Hub.
func TestSystemMirrorOfDockerHub(t *testing.T) {
	t.Parallel()
	mirror, images := startWith(t, "mirror", "library/app")
	s := machine(t, map[string]string{daemonJSON: `{"registry-mirrors": ["http://` + mirror.Host + `/"]}`})
	p := registrytest.StartForwardProxy(t, mirror.Host)
	s.Env = p.Env()
	for _, name := range []string{"app:amd64", "docker.io/library/app:amd64", "index.docker.io/library/app:amd64"} {
		done := s.Run(t, "--system-registries", "resolve", "--platform", "linux/amd64", name)
		done.WantCode(t, 0)
		if !strings.Contains(done.Stdout, images[0].Image.Digest().String()) || p.Connections() > 0 {
			t.Errorf("%s: %s %d connections", name, done.Stdout, p.Connections())
		}
	}
	s.Run(t, "resolve", "--platform", "linux/amd64", "app:amd64").WantCode(t, 1)
}

// TestSystemBlocked neither reads nor writes what is blocked.
func TestSystemBlocked(t *testing.T) {
	t.Parallel()
	g, images := startWith(t, "app", "app")
	s := machine(t, map[string]string{registriesConf: "# mine\n[[registry]]\nprefix = \"" + g.Host + "/bad\"\nblocked = true\n"})
	spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/bad:all", "REGISTRY/app:%s"))
	for _, args := range [][]string{{"inspect", g.Host + "/bad/app:1"}, {"tags", g.Host + "/bad"}, {"push", "from-spec", spec}} {
		done := s.Run(t, append([]string{"--system-registries"}, args...)...)
		done.WantCode(t, 2)
		done.WantStderr(t, g.Host+"/bad", "is blocked by "+filepath.Join(s.Home, registriesConf)+":2", "hint: ")
	}
	g.Seen.WantNoWrites(t)
	s.Run(t, "--system-registries", "inspect", g.Host+"/app:amd64").WantCode(t, 0)
}

// TestSystemAlias reads a short name from the registry of its alias.
func TestSystemAlias(t *testing.T) {
	t.Parallel()
	g, _ := startWith(t, "app", "fedora/fedora")
	s := machine(t, map[string]string{registriesConf: "[aliases]\n\"fedora\" = \"" + g.Host + "/fedora/fedora\"\n"})
	done := s.Run(t, "--system-registries", "inspect", "fedora:amd64")
	done.WantCode(t, 0)
	done.WantStderr(t, "warning: fedora is read as "+g.Host+"/fedora/fedora, as "+filepath.Join(s.Home, registriesConf)+":2 says")
}

// network is a network in which one name leads to a registry, in https as well as in
// plain http; it counts the requests in plain http.
func network(t *testing.T, name, to string) (env []string, plain *registrytest.Recorder) {
	t.Helper()
	connect := registrytest.StartForwardProxy(t, to)
	connect.Routes[name] = to
	target, err := url.Parse("http://" + to)
	clitest.Must(t, err)
	pass := (&registrytest.RecordingProxy{Backend: &registrytest.Registry{Host: to, Scheme: "http", Client: http.DefaultClient}}).Open(t)
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: pass.Host})
		r.Out.Host = target.Host
	}}
	server := httptest.NewServer(forward)
	t.Cleanup(server.Close)
	return []string{"HTTPS_PROXY=http://" + connect.Host, "HTTP_PROXY=" + server.URL}, pass.Seen
}

// TestSystemInsecure reaches a registry that is not of this machine: with a
// certificate that no one knows, and without TLS.
func TestSystemInsecure(t *testing.T) {
	t.Parallel()
	const name = registrytest.PublicName + ":5000"
	for file, content := range map[string]string{
		registriesConf: "[[registry]]\nlocation = \"" + name + "\"\ninsecure = true\n",
		daemonJSON:     `{"insecure-registries": ["` + name + `"]}`,
	} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			s := machine(t, map[string]string{file: content})
			g := registrytest.StartOpen(t)
			g.PutImages(t, "app", fixture.NewImageSet(t, fixture.OCI(), "app"))
			env, plain := network(t, name, g.Host)
			s.Env = env
			s.Run(t, "inspect", name+"/app:amd64").WantCode(t, 1)
			if n := len(plain.Matching(func(registrytest.Request) bool { return true })); n > 0 {
				t.Errorf("%d requests in plain http without the flag", n)
			}
			done := s.Run(t, "--system-registries", "inspect", name+"/app:amd64")
			done.WantCode(t, 0)
			done.WantStderr(t, "warning: "+filepath.Join(s.Home, file)+":1: ", name+", and plain http is used if there is no TLS")
			if len(plain.Matching(func(registrytest.Request) bool { return true })) == 0 {
				t.Error("no request in plain http")
			}
			for _, explicit := range []string{"--plain-http=false", "--insecure=false"} {
				s.Run(t, "--system-registries", explicit, "inspect", name+"/app:amd64").WantCode(t, 1)
			}

			secure := registrytest.StartBasicTLS(t)
			secure.PutImages(t, "app", fixture.NewImageSet(t, fixture.OCI(), "app"))
			env, plain = network(t, name, secure.Host)
			login := registrytest.WithLogin(t, name)
			s.Env = append(env, login.Env...)
			s.Run(t, "--system-registries", "inspect", name+"/app:amd64").WantCode(t, 0)
			if n := len(plain.Matching(func(registrytest.Request) bool { return true })); n > 0 {
				t.Errorf("%d requests in plain http to a host with TLS", n)
			}
		})
	}
}

// TestSystemCertificates trusts the CA that hosts.toml names, and that which is in its
// directory.
func TestSystemCertificates(t *testing.T) {
	t.Parallel()
	g := registrytest.StartBasicTLS(t)
	g.PutImages(t, "app", fixture.NewImageSet(t, fixture.OCI(), "app"))
	ca, err := os.ReadFile(g.CAFile)
	clitest.Must(t, err)
	for _, files := range []map[string]string{
		{hostsTOML(g.Host): "ca = \"mine.pem\"\n", filepath.Dir(hostsTOML(g.Host)) + "/mine.pem": string(ca)},
		{filepath.Dir(hostsTOML(g.Host)) + "/ca.crt": string(ca)},
	} {
		s := machine(t, files)
		s.Env = registrytest.WithLogin(t, g.Host).Env
		s.Run(t, "inspect", g.Host+"/app:amd64").WantCode(t, 1)
		s.Run(t, "--system-registries", "inspect", g.Host+"/app:amd64").WantCode(t, 0)
	}
}

// TestSystemLoginStaysAtItsHost sends the login of a registry to no location and no
// mirror of it.
func TestSystemLoginStaysAtItsHost(t *testing.T) {
	t.Parallel()
	registry := registrytest.StartBasic(t)
	p := &registrytest.RecordingProxy{Backend: registrytest.StartOpen(t)}
	p.Intercept = registrytest.Refuse(http.StatusUnauthorized, "WWW-Authenticate", `Basic realm="elsewhere"`)
	p.Open(t)
	for _, content := range []string{
		"[[registry]]\nprefix = \"" + registry.Host + "\"\nlocation = \"" + p.Host + "\"\n",
		"[[registry]]\nprefix = \"" + registry.Host + "\"\n[[registry.mirror]]\nlocation = \"" + p.Host + "\"\n",
	} {
		s := machine(t, map[string]string{registriesConf: content})
		s.Env = registrytest.WithLogin(t, registry.Host).Env
		s.Run(t, "--system-registries", "inspect", registry.Host+"/app:amd64").WantCode(t, 1)
	}
	for _, r := range p.Seen.Matching(func(r registrytest.Request) bool { return r.Header.Get("Authorization") != "" }) {
		t.Errorf("it got a login: %s %s", r.Method, r.Path)
	}
	if reads(p) == 0 {
		t.Error("it was not asked")
	}
}

// TestConfigShowsTheFilesOfOtherPrograms has the file and the line of each value.
func TestConfigShowsTheFilesOfOtherPrograms(t *testing.T) {
	t.Parallel()
	s := machine(t, map[string]string{
		registriesConf: "[[registry]]\nlocation = \"a.example:5000\"\ninsecure = true\n[[registry.mirror]]\nlocation = \"m.example/hub\"\n" +
			"\n[[registry]]\nprefix = \"a.example:5000/team\"\nlocation = \"b.example/team\"\n\n[[registry]]\nprefix = \"a.example:5000/bad\"\nblocked = true\n",
		daemonJSON: "{\n\"insecure-registries\": [\"c.example\"]\n}",
	})
	conf, daemon := filepath.Join(s.Home, registriesConf), filepath.Join(s.Home, daemonJSON)
	fields := func(text string) string {
		var lines []string
		for line := range strings.Lines(text) {
			lines = append(lines, strings.Join(strings.Fields(line), " "))
		}
		return strings.Join(lines, "\n") + "\n"
	}
	shown := s.Run(t, "config", "--system-registries", "a.example:5000")
	shown.WantCode(t, 0)
	clitest.WantLines(t, fields(shown.Stdout), "system-registries true flag --system-registries",
		"insecure true system "+conf+":1", "mirror m.example/hub system "+conf+":4", "http-fallback true system "+conf+":1",
		"location a.example:5000/team b.example/team system "+conf+":7", "blocked a.example:5000/bad true system "+conf+":11")
	shown = s.Run(t, "config", "--system-registries", "--insecure=false", "c.example")
	clitest.WantLines(t, fields(shown.Stdout), "insecure false flag --insecure")
	data := s.Run(t, "config", "--system-registries", "-o", "json", "c.example")
	data.WantCode(t, 0)
	clitest.WantSchema(t, "config", data.Stdout)
	var report struct {
		Registries []struct {
			Settings []struct {
				Key    string
				Value  any
				Origin struct {
					Kind, File string
					Line       int
				}
			}
		}
	}
	clitest.Must(t, json.Unmarshal([]byte(data.Stdout), &report))
	found := false
	for _, v := range report.Registries[0].Settings {
		found = found || v.Key == "insecure" && v.Value == true && v.Origin.Kind == "system" && v.Origin.File == daemon && v.Origin.Line == 2
	}
	if !found {
		t.Errorf("report %+v", report)
	}
	if off := s.Run(t, "config", "a.example:5000"); strings.Contains(off.Stdout, conf) {
		t.Errorf("without the flag:\n%s", off.Stdout)
	}
}

// TestBrokenFilesOfOtherPrograms are left out with a warning that names the line.
func TestBrokenFilesOfOtherPrograms(t *testing.T) {
	t.Parallel()
	g, _ := startWith(t, "app", "app")
	for file, content := range map[string]string{
		registriesConf:            "[[registry]]\nlocation = x\n",
		daemonJSON:                "{\n\"registry-mirrors\": [}\n",
		hostsTOML("127.0.0.1_1_"): "[host]\n  skip_verify = \"yes\"\n",
	} {
		s := machine(t, map[string]string{file: content})
		done := s.Run(t, "--system-registries", "inspect", g.Host+"/app:amd64")
		done.WantCode(t, 0)
		done.WantStderr(t, fmt.Sprintf("warning: %s:", filepath.Join(s.Home, file)))
		strict := s.Run(t, "--system-registries", "--strict", "inspect", g.Host+"/app:amd64")
		strict.WantCode(t, 2)
		strict.WantStderr(t, filepath.Join(s.Home, file), "hint: ")
		s.Run(t, "inspect", g.Host+"/app:amd64").WantCode(t, 0)
	}
}

// TestWarningsAboutARegistryThatIsUsed leaves out those about other registries.
func TestWarningsAboutARegistryThatIsUsed(t *testing.T) {
	t.Parallel()
	g, _ := startWith(t, "app", "app")
	header := "[header]\n  x-token = \"a\"\n"
	s := machine(t, map[string]string{hostsTOML(g.Host): header, hostsTOML("other.example"): header})
	done := s.Run(t, "--system-registries", "inspect", g.Host+"/app:amd64")
	done.WantCode(t, 0)
	clitest.WantText(t, "stderr", "warning: "+filepath.Join(s.Home, hostsTOML(g.Host))+":1: header left out: headers of a file are not sent\n", done.Stderr)
	shown := s.Run(t, "config", "--system-registries", "other.example")
	shown.WantCode(t, 0)
	clitest.WantText(t, "stderr", "warning: "+filepath.Join(s.Home, hostsTOML("other.example"))+":1: header left out: headers of a file are not sent\n", shown.Stderr)
	s.Run(t, "--system-registries", "--strict", "inspect", g.Host+"/app:amd64").WantCode(t, 2)
}

// TestRegistriesConfIsReadAsSkopeoReadsIt has both read through one file.
func TestRegistriesConfIsReadAsSkopeoReadsIt(t *testing.T) {
	t.Parallel()
	skopeo := clitest.FindTool(t, "skopeo")
	registry, _ := startWith(t, "registry", "team/app")
	mirror, _ := startWith(t, "mirror", "cache/app")
	registry.Backend.PutImages(t, "app", fixture.NewImageSet(t, fixture.OCI(), "top"))
	mirror.Backend.PutImages(t, "cache/team/app", fixture.NewImageSet(t, fixture.OCI(), "mirror of team"))
	table := func(prefix, rest string) string {
		return "[[registry]]\nprefix = \"REGISTRY" + prefix + "\"\ninsecure = true\n" + rest
	}
	from := func(location string) string {
		return "[[registry.mirror]]\nlocation = \"MIRROR" + location + "\"\ninsecure = true\n"
	}
	self := "location = \"REGISTRY\"\n"
	for name, conf := range map[string]string{
		"mirror":                 table("", self+from("/cache")),
		"mirror without it":      table("", self+from("/empty")),
		"mirror of a part":       "[[registry]]\nprefix = \"REGISTRY/team\"\nlocation = \"REGISTRY/team\"\ninsecure = true\n" + from("/cache") + table("", self),
		"mirror of a repository": "[[registry]]\nprefix = \"REGISTRY/team/app\"\nlocation = \"REGISTRY/team/app\"\ninsecure = true\n" + from("/cache/app") + table("", self),
		"not part of a name":     "[[registry]]\nprefix = \"REGISTRY/tea\"\nlocation = \"REGISTRY/tea\"\ninsecure = true\n" + from("/cache") + table("", self),
		"location":               table("", "location = \"MIRROR/cache\"\n"),
		"location without it":    table("", "location = \"MIRROR/empty\"\n"),
		"digests only":           table("", self+"mirror-by-digest-only = true\n"+from("/cache")),
		"digest-only":            table("", self+from("/cache")+"pull-from-mirror = \"digest-only\"\n"),
		"tag-only":               table("", self+from("/cache")+"pull-from-mirror = \"tag-only\"\n"),
		"blocked":                table("", self+"blocked = true\n"),
		"blocked part":           table("/team", "location = \"REGISTRY/team\"\nblocked = true\n") + table("", self),
		"blocked elsewhere":      table("/teams", "location = \"REGISTRY/teams\"\nblocked = true\n") + table("", self),
		"no table":               "[[registry]]\nlocation = \"other.example\"\nblocked = true\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "registries.conf")
			clitest.Must(t, os.WriteFile(path, []byte(strings.NewReplacer("REGISTRY", registry.Host, "MIRROR", mirror.Host).Replace(conf)), 0o600))
			s := clitest.Session{Home: t.TempDir(), Env: []string{"CONTAINERS_REGISTRIES_CONF=" + path}}
			image := registry.Host + "/team/app:amd64"
			theirs := s.RunProgram(t, skopeo, "--registries-conf="+path, "--registries.d="+t.TempDir(), "--override-os=linux", "--override-arch=amd64", "inspect", "--no-tags", "--tls-verify=false", "--format={{.Digest}}", "docker://"+image)
			ours := s.Run(t, "--system-registries", "resolve", "--platform", "linux/amd64", "-o", "template={{.Digest}}", image)
			if theirs.Code != 0 != (ours.Code != 0) || strings.TrimSpace(theirs.Stdout) != strings.TrimSpace(ours.Stdout) {
				t.Errorf("skopeo: %s%s\nours: %s%s", theirs.Stdout, theirs.Stderr, ours.Stdout, ours.Stderr)
			}
		})
	}
}
