package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/pflag"

	"manifest-tool/internal/config"
)

const home = "/home/alice"

// load reads settings with nothing of this machine in reach.
func load(flags *pflag.FlagSet, env map[string]string) (config.Config, error) {
	return config.Load(config.Options{Flags: flags, Getenv: func(name string) string { return env[name] }, Home: home})
}

// written puts a settings file into a temporary folder and loads it.
func written(t *testing.T, text string) config.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(nil, map[string]string{"MANIFEST_TOOL_CONFIG": path})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestGoodFiles(t *testing.T) {
	here := filepath.Join(folder, "good")
	defaults := config.Config{
		Type: "auto", Verify: "config", Attestations: "keep", Output: "text", Color: "auto", Progress: "auto",
		RealmHosts: []string{}, Registries: []config.Registry{},
		Serve: config.Serve{Listen: "127.0.0.1:8080", Rate: 10, MaxRequests: 2000, Cache: "memory", CacheSize: 64, PullReserve: 10},
	}
	changed := func(change func(*config.Config)) config.Config {
		c := defaults
		change(&c)
		return c
	}
	top := config.Config{
		Type: "oci", Verify: "none", Attestations: "drop", IgnoreMissing: true, AllowDuplicates: true, NonDistributable: true, Confirm: true,
		Strict: true, Jobs: 8, Timeout: 90 * time.Minute, Output: "json", Color: "never", Progress: "json", Debug: true, TagParams: true,
		RealmHosts: []string{"auth.example.com", "tokens.example.com:8443"}, PlainHTTP: true, Insecure: true,
		CAFile: filepath.Join(here, "ca.pem"), ClientCert: "/etc/tls/client.pem", ClientKey: home + "/client.key",
		DockerConfig: filepath.Join(here, "docker"), Username: "robot$ci", Registries: []config.Registry{}, QueryServer: "https://images.example.com/query",
		Serve: config.Serve{
			Listen: "[::]:8443", Hosts: []string{"images.example.com"}, AllowRegistries: []string{"registry.corp.example:5000"}, Repositories: []string{"ghcr.io/team", "registry.corp.example:5000"},
			TrustedProxies: []string{"10.0.0.0/8", "::1"}, Rate: 50, MaxRequests: 100,
			Cache: "redis-sentinel://cache1,cache2/main", CacheSize: 256, CachePasswordFile: "/run/secrets/redis", PullReserve: 20,
		},
	}
	one := config.Registry{
		Name: "Registry.Example.com:5000", Insecure: true, CAFile: filepath.Join(here, "certs/ca.pem"),
		ClientCert: filepath.Join(here, "certs/client.pem"), ClientKey: filepath.Join(here, "certs/client.key"),
		Mirror: []string{"mirror.example.com", "mirror.example.com:5000/hub/of-docker", "localhost:5000"},
		Jobs:   4, TagParams: true, RealmHosts: []string{"auth.example.com"},
	}
	var names []config.Registry
	for _, n := range []string{"docker.io", "localhost", "localhost:5000", "10.0.0.5:5000", "[::1]:5000", "*.example.com", "A.B-c.Example.COM", "registry"} {
		names = append(names, config.Registry{Name: n})
	}
	ca, mirrors := filepath.Join(here, "ca.pem"), []string{"m.example.com"}
	wanted := map[string]config.Config{
		"empty": defaults, "only-comments": defaults, "null-document": defaults, "top-level": top,
		"registry": changed(func(c *config.Config) { c.Registries = []config.Registry{one} }),
		"names":    changed(func(c *config.Config) { c.Registries = names }),
		"flow": changed(func(c *config.Config) {
			c.Jobs, c.Registries = 2, []config.Registry{{Name: "a.example.com", Mirror: []string{}}}
		}),
		"json": changed(func(c *config.Config) { c.Jobs, c.Color = 2, "always" }),
		"alias": changed(func(c *config.Config) {
			c.Registries = []config.Registry{
				{Name: "a.example.com", CAFile: ca, Mirror: mirrors}, {Name: "b.example.com", CAFile: ca, Mirror: mirrors},
			}
		}),
		"template":     changed(func(c *config.Config) { c.Output = "template={{.Digest}}" }),
		"zero-timeout": defaults,
		"arch-names": changed(func(c *config.Config) {
			c.ArchNames, c.Quiet, c.AllowUnknown = []string{"amd64=x86_64", "arm/v7=armhf", "386=i686"}, true, true
		}),
		"arch-names-list": changed(func(c *config.Config) { c.ArchNames = []string{"amd64=x86_64", "arm/v7=armhf"} }),
		"username-number": changed(func(c *config.Config) { c.Username = "12345" }),
		"quoted":          changed(func(c *config.Config) { c.Color, c.Timeout = "always", 90*time.Second }),
	}
	files, err := os.ReadDir(here)
	if err != nil || len(files) != len(wanted) {
		t.Errorf("%d files for %d cases: %v", len(files), len(wanted), err)
	}
	for name, want := range wanted {
		path := filepath.Join(here, name+".yaml")
		got, err := load(nil, map[string]string{"MANIFEST_TOOL_CONFIG": path})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want.File = path
		ignored := cmpopts.IgnoreFields(config.Config{}, "Origins")
		if diff := cmp.Diff(want, got, ignored, cmpopts.IgnoreFields(config.Registry{}, "Origins"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestWhichFileIsRead(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	flagged, named := write("flag.yaml", "jobs: 1"), write("variable.yaml", "jobs: 2")
	own, athome := write("xdg/manifest-tool/config.yaml", "jobs: 3"), write("home/.config/manifest-tool/config.yaml", "jobs: 4")
	for _, c := range []struct {
		name, flag, variable, xdg, home string
		want                            string
		jobs                            int
	}{
		{"the flag's", flagged, named, filepath.Join(dir, "xdg"), filepath.Join(dir, "home"), flagged, 1},
		{"the variable's", "", named, filepath.Join(dir, "xdg"), filepath.Join(dir, "home"), named, 2},
		{"that of XDG_CONFIG_HOME", "", "", filepath.Join(dir, "xdg"), filepath.Join(dir, "home"), own, 3},
		{"that of the home folder", "", "", "", filepath.Join(dir, "home"), athome, 4},
		{"a relative XDG_CONFIG_HOME does not count", "", "", "xdg", filepath.Join(dir, "home"), athome, 4},
		{"none in the home folder", "", "", "", dir, "", 0},
		{"no home folder", "", "", "", "", "", 0},
		{"a home folder that is a file", "", "", "", named, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			flags := pflag.NewFlagSet("", pflag.ContinueOnError)
			flags.String("config", "", "")
			if c.flag != "" {
				_ = flags.Set("config", c.flag)
			}
			env := map[string]string{"MANIFEST_TOOL_CONFIG": c.variable, "XDG_CONFIG_HOME": c.xdg}
			got, err := config.Load(config.Options{Flags: flags, Home: c.home, Getenv: func(n string) string { return env[n] }})
			if err != nil || got.File != c.want || got.Jobs != c.jobs {
				t.Errorf("file %q, jobs %d, error %v", got.File, got.Jobs, err)
			}
		})
	}
}

func TestANamedFileMustBeReadable(t *testing.T) {
	_, err := load(nil, map[string]string{"MANIFEST_TOOL_CONFIG": "no/such.yaml"})
	var bad *config.Error
	if !errors.As(err, &bad) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	large := filepath.Join(t.TempDir(), "large.yaml")
	if err := os.WriteFile(large, []byte(strings.Repeat("# nothing\n", 1<<18)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := load(nil, map[string]string{"MANIFEST_TOOL_CONFIG": large}); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("a file of 2.5 MiB: error %v", err)
	}
}

func TestABadVariableIsNamed(t *testing.T) {
	for variable, c := range map[string]struct{ value, message string }{
		"MANIFEST_TOOL_JOBS":        {"many", `"many" is not a number`},
		"MANIFEST_TOOL_STRICT":      {"maybe", `"maybe" is neither true nor false`},
		"MANIFEST_TOOL_TIMEOUT":     {"30", `"30" is not a duration`},
		"MANIFEST_TOOL_COLOR":       {"pink", "it is auto, always or never"},
		"MANIFEST_TOOL_REALM_HOSTS": {"auth.example.com,,", `"" is not the name of a host`},
		"MANIFEST_TOOL_CLIENT_CERT": {"a.pem", "without client-key"},
	} {
		_, err := load(nil, map[string]string{variable: c.value})
		var bad *config.Error
		if !errors.As(err, &bad) || bad.Where != variable || !strings.Contains(err.Error(), c.message) {
			t.Errorf("%s=%s: error %v, want %q", variable, c.value, err, c.message)
		}
	}
}

// TestAHiddenMistakeIsStillOne holds that what a higher layer hides is checked.
func TestAHiddenMistakeIsStillOne(t *testing.T) {
	path := filepath.Join(folder, "bad", "jobs-text.yaml")
	if _, err := load(nil, map[string]string{"MANIFEST_TOOL_CONFIG": path, "MANIFEST_TOOL_JOBS": "4"}); err == nil {
		t.Error("the file's mistake is not noticed")
	}
}

func TestTheReportShowsNoSecret(t *testing.T) {
	c, err := load(nil, map[string]string{"MANIFEST_TOOL_PASSWORD": "rabbit", "MANIFEST_TOOL_USERNAME": "alice"})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range c.Report().Settings {
		switch {
		case v.Key == "password" && v.Value != config.HiddenValue, v.Value == "rabbit":
			t.Errorf("%s is shown as %v", v.Key, v.Value)
		case v.Key == "username" && v.Value != "alice":
			t.Errorf("username is shown as %v", v.Value)
		}
	}
}
