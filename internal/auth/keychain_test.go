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
	"github.com/google/go-containerregistry/pkg/name"
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
				got, err := k.Credential(t.Context(), tt.host)
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

func TestFlagsGoToTheirHostsOnly(t *testing.T) {
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
		got, err := k.Credential(t.Context(), host)
		if err != nil || got.Username != want {
			t.Errorf("Credential(%q) = user %q, %v; want %q", host, got.Username, err, want)
		}
	}
}

func TestFlagsNeedNoReadableFile(t *testing.T) {
	k := newKeychain(t, Options{
		Username: "flag", Password: "secret", Hosts: []string{"a.example"},
		DockerConfig: writeConfig(t, `{broken`),
	})
	if got, err := k.Credential(t.Context(), "a.example"); err != nil || got.Username != "flag" {
		t.Errorf("got %q, %v; want the flag's user", got.Username, err)
	}
	if _, err := k.Credential(t.Context(), "b.example"); err == nil {
		t.Error("another host did not see the broken file")
	}
}

func TestPasswordWithoutUsernameIsRefused(t *testing.T) {
	if _, err := New(Options{Password: "p4ss"}); err == nil || strings.Contains(err.Error(), "p4ss") {
		t.Errorf("New = %v, want an error without the password", err)
	}
}

func TestFault87WhichFileIsRead(t *testing.T) {
	noHelpers(t)
	entry := func(user string) string { return fmt.Sprintf(`{"auths":{"r.example":{"auth":%q}}}`, basic(user, "x")) }
	byFlag, byEnv := writeConfig(t, entry("flag")), writeConfig(t, entry("env"))
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".docker"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".docker", "config.json"), []byte(entry("home")), 0o600); err != nil {
		t.Fatal(err)
	}
	env := func(value string) func(string) string {
		return func(key string) string {
			if key == "DOCKER_CONFIG" {
				return value
			}
			return ""
		}
	}
	tests := []struct {
		name string
		o    Options
		want string
	}{
		{"nothing", Options{}, ""},
		{"home", Options{Home: home}, "home"},
		{"home without a file", Options{Home: t.TempDir()}, ""},
		{"DOCKER_CONFIG before home", Options{Home: home, Getenv: env(filepath.Dir(byEnv))}, "env"},
		{"DOCKER_CONFIG without a file", Options{Home: home, Getenv: env(t.TempDir())}, ""},
		{"flag with a file", Options{Home: home, Getenv: env(filepath.Dir(byEnv)), DockerConfig: byFlag}, "flag"},
		{"flag with a folder", Options{DockerConfig: filepath.Dir(byFlag)}, "flag"},
		{"flag with an empty folder", Options{DockerConfig: t.TempDir()}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := newKeychain(t, tt.o).Credential(t.Context(), "r.example")
			if err != nil || got.Username != tt.want {
				t.Errorf("user %q, %v; want %q", got.Username, err, tt.want)
			}
		})
	}
}

func TestDockerConfigMustExist(t *testing.T) {
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
		{"wrong type", "{\n\"auths\":\"" + canary + "\"}", "line 2 holds a value of the wrong type"},
		{"number for text", `{"credsStore":5353535353}`, "wrong type"},
		{"not base64", `{"auths":{"r.example":{"auth":"` + canary + `!"}}}`, "base64"},
		{"no colon", `{"auths":{"r.example":{"auth":"` + base64.StdEncoding.EncodeToString([]byte(canary)) + `"}}}`, "base64"},
		{"too large", `{"psFormat":"` + strings.Repeat(canary, configLimit/len(canary)) + `"}`, "larger than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := writeConfig(t, tt.body)
			got, err := newKeychain(t, Options{DockerConfig: file}).Credential(t.Context(), "r.example")
			if err == nil {
				t.Fatalf("no error, user %q", got.Username)
			}
			msg := err.Error()
			if !strings.Contains(msg, file) || !strings.Contains(msg, tt.want) {
				t.Errorf("error %q does not name %q and %q", msg, file, tt.want)
			}
			if strings.Contains(msg, canary) || strings.Contains(msg, "5353") {
				t.Errorf("error repeats the file: %q", msg)
			}
			if got != (authn.AuthConfig{}) {
				t.Errorf("credential beside the error: %v", got)
			}
		})
	}
}

func TestKeychainForGGCR(t *testing.T) {
	noHelpers(t)
	file := fmt.Sprintf(`{"auths":{"https://index.docker.io/v1/":{"auth":%q}}}`, basic("hub", "x"))
	k := newKeychain(t, Options{DockerConfig: writeConfig(t, file)})
	for ref, want := range map[string]string{"alpine": "hub", "docker.io/team/app": "hub", "ghcr.io/team/app": ""} {
		repo, err := name.NewRepository(ref)
		if err != nil {
			t.Fatal(err)
		}
		found, err := k.Resolve(repo)
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			if found != authn.Anonymous {
				t.Errorf("%s: not anonymous", ref)
			}
			continue
		}
		cfg, err := found.Authorization()
		if err != nil || cfg.Username != want {
			t.Errorf("%s: user %v, %v; want %q", ref, cfg, err, want)
		}
	}
}
