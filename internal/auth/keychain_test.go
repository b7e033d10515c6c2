package auth

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
)

// basic is the "auth" value of a config file.
func basic(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}

// writeConfig writes a config.json into a new folder and returns the file.
func writeConfig(t *testing.T, body string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// noHelpers makes sure that no helper of this machine is found.
func noHelpers(t *testing.T) {
	t.Helper()
	t.Setenv("PATH", t.TempDir())
}

func newKeychain(t *testing.T, o Options) *Keychain {
	t.Helper()
	k, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestCredentialFromFile(t *testing.T) {
	noHelpers(t)
	alice := authn.AuthConfig{Username: "alice", Password: "pw:with colon"}
	bob := authn.AuthConfig{Username: "bob", Password: "b"}
	a, b := basic("alice", "pw:with colon"), basic("bob", "b")
	one := func(key string) string { return fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, key, a) }
	both := func(k1, k2 string) string {
		return fmt.Sprintf(`{"auths":{%q:{"auth":%q},%q:{"auth":%q}}}`, k1, a, k2, b)
	}
	tests := []struct {
		name, config, host string
		want               authn.AuthConfig
	}{
		{"host key", one("reg.example:5000"), "reg.example:5000", alice},
		{"other port", one("reg.example:5000"), "reg.example", authn.AuthConfig{}},
		{"https key", one("https://reg.example"), "reg.example", alice},
		{"http key with version", one("http://reg.example/v1/"), "reg.example", alice},
		{"key with version, no scheme", one("reg.example/v2/"), "reg.example", alice},
		{"https key with a path", one("https://reg.example/artifactory/api"), "reg.example", alice},
		{"capitals in key", one("Reg.Example"), "reg.example", alice},
		{"capitals in host", one("reg.example"), "REG.example", alice},
		{"subdomain is another host", one("reg.example"), "a.reg.example", authn.AuthConfig{}},
		{"namespace key is not the host's", one("reg.example/team"), "reg.example", authn.AuthConfig{}},
		{"namespace v1 is not the host's", one("reg.example/v1"), "reg.example", authn.AuthConfig{}},
		{"exact key wins", both("reg.example", "https://reg.example"), "reg.example", alice},
		{
			"empty exact key falls to another spelling",
			fmt.Sprintf(`{"auths":{"reg.example":{},"https://reg.example":{"auth":%q}}}`, a), "reg.example", alice,
		},
		{"alphabetical among spellings", both("http://reg.example", "https://reg.example"), "reg.example", alice},
		{"user and password in clear", `{"auths":{"reg.example":{"username":"bob","password":"b"}}}`, "reg.example", bob},
		{"identity token", `{"auths":{"reg.example":{"identitytoken":"i"}}}`, "reg.example", authn.AuthConfig{IdentityToken: "i"}},
		{"registry token", `{"auths":{"reg.example":{"registrytoken":"r"}}}`, "reg.example", authn.AuthConfig{RegistryToken: "r"}},
		{"hub key, docker.io", one("https://index.docker.io/v1/"), "docker.io", alice},
		{"hub key, index.docker.io", one("https://index.docker.io/v1/"), "index.docker.io", alice},
		{"hub key, registry-1.docker.io", one("https://index.docker.io/v1/"), "registry-1.docker.io", alice},
		{"hub key, lookalike suffix", one("https://index.docker.io/v1/"), "evil-docker.io", authn.AuthConfig{}},
		{"hub key, lookalike subdomain", one("https://index.docker.io/v1/"), "mirror.docker.io", authn.AuthConfig{}},
		{"hub key, lookalike with port", one("https://index.docker.io/v1/"), "docker.io:5000", authn.AuthConfig{}},
		{"hub by its short name", one("docker.io"), "index.docker.io", alice},
		{"hub access token is no login", one("https://index.docker.io/v1/access-token"), "index.docker.io", authn.AuthConfig{}},
		{"lookalike's key is not hub's", one("https://mirror.docker.io"), "docker.io", authn.AuthConfig{}},
		{"empty file", ``, "reg.example", authn.AuthConfig{}},
		{"no auths", `{"psFormat":"x"}`, "reg.example", authn.AuthConfig{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for range 10 { // map order must not matter
				k := newKeychain(t, Options{DockerConfig: writeConfig(t, tt.config)})
				got, err := k.Credential(t.Context(), tt.host, "")
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Fatalf("credential (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestFlags_Hosts(t *testing.T) {
	noHelpers(t)
	file := fmt.Sprintf(`{"auths":{"a.example":{"auth":%q},"b.example":{"auth":%q}}}`, basic("fa", "1"), basic("fb", "2"))
	k := newKeychain(t, Options{
		Username: "flag", Password: "secret", Hosts: []string{"A.example", "docker.io"},
		DockerConfig: writeConfig(t, file),
	})
	for host, want := range map[string]string{
		"a.example": "flag", "b.example": "fb", "c.example": "",
		"index.docker.io": "flag", "registry-1.docker.io": "flag", "x.docker.io": "", "a.example:5000": "",
	} {
		got, err := k.Credential(t.Context(), host, "")
		if err != nil || got.Username != want {
			t.Errorf("Credential(%q) = user %q, %v; want %q", host, got.Username, err, want)
		}
	}
}

func TestFlags_UnreadableFile(t *testing.T) {
	k := newKeychain(t, Options{
		Username: "flag", Password: "secret", Hosts: []string{"a.example"},
		DockerConfig: writeConfig(t, `{broken`),
	})
	if got, err := k.Credential(t.Context(), "a.example", ""); err != nil || got.Username != "flag" {
		t.Errorf("got %q, %v; want the flag's user", got.Username, err)
	}
	if _, err := k.Credential(t.Context(), "b.example", ""); err == nil {
		t.Error("another host did not see the broken file")
	}
}

func TestNew_PasswordWithoutUsername(t *testing.T) {
	if _, err := New(Options{Password: "p4ss"}); err == nil || strings.Contains(err.Error(), "p4ss") {
		t.Errorf("New = %v, want an error without the password", err)
	}
}

// values is an environment.
type values map[string]string

func (v values) get(name string) string { return v[name] }

// logins makes files with a login for r.example, each for a user of its own.
type logins struct{ folder string }

func (l logins) write(t *testing.T, path ...string) string {
	t.Helper()
	file := filepath.Join(append([]string{l.folder}, path...)...)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(l.entry(path[0])), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func (logins) entry(user string) string {
	return fmt.Sprintf(`{"auths":{"r.example":{"auth":%q}}}`, basic(user, "x"))
}

func TestFault87WhichFileIsRead(t *testing.T) {
	noHelpers(t)
	l := logins{t.TempDir()}
	flag, docker, podman := l.write(t, "flag", "config.json"), l.write(t, "env", "config.json"), l.write(t, "named")
	l.write(t, "home", ".docker", "config.json")
	l.write(t, "podman-home", ".config", "containers", "auth.json")
	l.write(t, "xdg", "containers", "auth.json")
	l.write(t, "runtime", "containers", "auth.json")
	l.write(t, "run", "auth.json")
	at := func(name string) string { return filepath.Join(l.folder, name) }
	empty, gone := t.TempDir(), filepath.Join(t.TempDir(), "gone")
	if err := os.WriteFile(filepath.Join(empty, configName), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		o    Options
		env  values
		want string
	}{
		{"nothing", Options{}, nil, ""},
		{"home", Options{Home: at("home")}, nil, "home"},
		{"home without a file", Options{Home: t.TempDir()}, nil, ""},
		{"a home that is no folder", Options{Home: flag}, nil, ""},
		{"a home that is no folder, beside podman's", Options{Home: flag}, values{"XDG_CONFIG_HOME": at("xdg")}, "xdg"},
		{"DOCKER_CONFIG before home", Options{Home: at("home")}, values{"DOCKER_CONFIG": filepath.Dir(docker)}, "env"},
		{"DOCKER_CONFIG without a file", Options{Home: at("home")}, values{"DOCKER_CONFIG": gone}, ""},
		{"flag with a file", Options{Home: at("home"), DockerConfig: flag}, values{"DOCKER_CONFIG": filepath.Dir(docker)}, "flag"},
		{"flag with a folder", Options{DockerConfig: filepath.Dir(flag)}, nil, "flag"},
		{"flag with an empty folder", Options{DockerConfig: t.TempDir()}, nil, ""},
		{"flag before the variables", Options{DockerConfig: flag}, values{"DOCKER_AUTH_CONFIG": l.entry("var"), "REGISTRY_AUTH_FILE": podman}, "flag"},
		{"the variable before what it names", Options{}, values{"DOCKER_AUTH_CONFIG": l.entry("var"), "DOCKER_CONFIG": filepath.Dir(docker), "REGISTRY_AUTH_FILE": podman}, "var"},
		{"docker's variable before podman's", Options{}, values{"DOCKER_CONFIG": filepath.Dir(docker), "REGISTRY_AUTH_FILE": podman}, "env"},
		{"a variable before the home folder", Options{Home: at("home")}, values{"REGISTRY_AUTH_FILE": podman}, "named"},
		{"docker's home before podman's", Options{Home: at("home")}, values{"XDG_CONFIG_HOME": at("xdg")}, "home"},
		{"podman's runtime folder first", Options{Home: at("podman-home"), RunDir: at("run")}, values{"XDG_RUNTIME_DIR": at("runtime"), "XDG_CONFIG_HOME": at("xdg")}, "runtime"},
		{"podman's run folder for want of it", Options{Home: at("podman-home"), RunDir: at("run")}, nil, "run"},
		{"podman's in XDG_CONFIG_HOME", Options{Home: at("podman-home")}, values{"XDG_CONFIG_HOME": at("xdg")}, "xdg"},
		{"podman's in the home folder", Options{Home: at("podman-home")}, nil, "podman-home"},
		{"an empty docker config beside podman's", Options{Home: at("podman-home")}, values{"DOCKER_CONFIG": empty}, "podman-home"},
		{"an empty docker config by flag", Options{DockerConfig: empty}, values{"REGISTRY_AUTH_FILE": podman}, "named"},
		{"a named file stands in for podman's own", Options{Home: at("podman-home")}, values{"REGISTRY_AUTH_FILE": gone}, ""},
		{"anonymous", Options{Home: at("home"), Anonymous: true, DockerConfig: gone}, values{"DOCKER_AUTH_CONFIG": l.entry("var")}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.Getenv = tt.env.get
			got, err := newKeychain(t, tt.o).Credential(t.Context(), "r.example", "app")
			if err != nil || got.Username != tt.want {
				t.Errorf("user %q, %v; want %q", got.Username, err, tt.want)
			}
		})
	}
}

func TestFault87AFileThatIsNamedAndGoneIsToldOf(t *testing.T) {
	noHelpers(t)
	var warned []string
	gone := filepath.Join(t.TempDir(), "gone.json")
	k := newKeychain(t, Options{
		Getenv: values{"REGISTRY_AUTH_FILE": gone}.get,
		Warn:   func(message string) { warned = append(warned, message) },
	})
	for _, host := range []string{"r.example", "o.example"} {
		if got, err := k.Credential(t.Context(), host, ""); err != nil || got != (authn.AuthConfig{}) {
			t.Errorf("%s: %v, %v", host, got, err)
		}
	}
	if len(warned) != 1 || !strings.Contains(warned[0], "REGISTRY_AUTH_FILE") || !strings.Contains(warned[0], gone) {
		t.Errorf("warned %q, want once", warned)
	}
}

// TestFault86TheVariableIsRead is about DOCKER_AUTH_CONFIG: its logins count,
// for the hosts it names, and what cannot be read of it is said and left out.
func TestFault86TheVariableIsRead(t *testing.T) {
	noHelpers(t)
	const canary = "c4nary"
	home := t.TempDir()
	l := logins{home}
	if err := os.Rename(filepath.Dir(l.write(t, "home", "config.json")), filepath.Join(home, ".docker")); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, value, host, want, warned string }{
		{"its login", l.entry("var"), "r.example", "var", ""},
		{"another host", `{"auths":{"o.example":{"auth":"` + basic("o", "x") + `"}}}`, "r.example", "home", ""},
		{"an identity token", `{"auths":{"r.example":{"auth":"` + basic("i", "") + `","identitytoken":"t"}}}`, "r.example", "i", ""},
		{"a namespace", `{"auths":{"r.example/team":{"auth":"` + basic("team", "x") + `"}}}`, "r.example", "team", ""},
		{"hub", `{"auths":{"https://index.docker.io/v1/":{"auth":"` + basic("hub", "x") + `"}}}`, "index.docker.io", "hub", ""},
		{"an entry without a login", `{"auths":{"r.example":{}}}`, "r.example", "home", ""},
		{"not JSON", canary, "r.example", "home", "reading DOCKER_AUTH_CONFIG: line 1 is not valid JSON"},
		{"not base64", `{"auths":{"r.example":{"auth":"` + canary + `!"}}}`, "r.example", "home", "reading DOCKER_AUTH_CONFIG: line 1: an auth entry is not the base64 form"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var warned []string
			k := newKeychain(t, Options{
				Home: home, Getenv: values{"DOCKER_AUTH_CONFIG": tt.value}.get,
				Warn: func(message string) { warned = append(warned, message) },
			})
			for range 2 {
				got, err := k.Credential(t.Context(), tt.host, "team/app")
				if err != nil || got.Username != tt.want {
					t.Errorf("user %q, %v; want %q", got.Username, err, tt.want)
				}
			}
			text := strings.Join(warned, "\n")
			if !strings.Contains(text, tt.warned) || (tt.warned == "") != (text == "") || strings.Contains(text, canary) || len(warned) > 1 {
				t.Errorf("warned %q, want %q once", text, tt.warned)
			}
		})
	}
}

func TestFault83AnonymousReadsNoFile(t *testing.T) {
	k := newKeychain(t, Options{DockerConfig: writeConfig(t, "{broken"), Anonymous: true})
	got, err := k.Credential(t.Context(), "r.example", "app")
	if err != nil || got != (authn.AuthConfig{}) || k.Namespace("r.example", "app") != "" {
		t.Errorf("%v, %v", got, err)
	}
	// A user name may be set for every run.
	k = newKeychain(t, Options{Anonymous: true, Username: "u", Password: "p", Hosts: []string{"r.example"}})
	if got, err := k.Credential(t.Context(), "r.example", "app"); err != nil || got != (authn.AuthConfig{}) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestNew_MissingDockerConfig(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone")
	_, err := New(Options{DockerConfig: gone})
	if err == nil || !strings.Contains(err.Error(), "failed to check state of docker-cfg value") || !strings.Contains(err.Error(), gone) {
		t.Errorf("New = %v", err)
	}
}

func TestFault83ABrokenFileIsNamedAndNotQuoted(t *testing.T) {
	const canary = "c4nary"
	tests := []struct{ name, body, want string }{
		{"not JSON", canary, "line 1 is not valid JSON"},
		{"broken on line 3", "{\n\"auths\":\n{" + canary, "line 3 is not valid JSON"},
		{"cut off", `{"auths":{"` + canary, "ends too early"},
		{"wrong type", "{\n\"auths\":\"" + canary + "\"}", "line 2 has a value of the wrong type"},
		{"number for text", `{"credsStore":5353535353}`, "wrong type"},
		{"not base64", `{"auths":{"r.example":{"auth":"` + canary + `!"}}}`, "base64"},
		{"no colon", `{"auths":{"r.example":{"auth":"` + base64.StdEncoding.EncodeToString([]byte(canary)) + `"}}}`, "base64"},
		{"too large", `{"psFormat":"` + strings.Repeat(canary, configLimit/len(canary)) + `"}`, "larger than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := writeConfig(t, tt.body)
			got, err := newKeychain(t, Options{DockerConfig: file}).Credential(t.Context(), "r.example", "")
			if err == nil {
				t.Fatalf("no error, user %q", got.Username)
			}
			msg := err.Error()
			if !strings.Contains(msg, file) || !strings.Contains(msg, tt.want) {
				t.Errorf("error %q does not name %q and %q", msg, file, tt.want)
			}
			if strings.Contains(msg, canary) || strings.Contains(strings.ReplaceAll(msg, file, ""), "5353") {
				t.Errorf("error repeats the file: %q", msg)
			}
			if got != (authn.AuthConfig{}) {
				t.Errorf("credential beside the error: %v", got)
			}
		})
	}
}
