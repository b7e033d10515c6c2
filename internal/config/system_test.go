package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"manifest-tool/internal/config"
)

// TestSettingsOfOtherProgramsAreTheLast sets what a machine has at each place above it.
func TestSettingsOfOtherProgramsAreTheLast(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("etc/docker/daemon.json", `{"insecure-registries": ["r.example", "10.0.0.0/8"], "registry-mirrors": ["http://m.example"]}`)
	write("etc/containerd/certs.d/tls.example/hosts.toml", "ca = [\"a.pem\", \"b.pem\"]\nclient = [[\"c.pem\", \"k.pem\"]]\n")
	load := func(settings string, env map[string]string) config.Config {
		t.Helper()
		values := map[string]string{"MANIFEST_TOOL_SYSTEM_REGISTRIES": "true"}
		for k, v := range env {
			values[k] = v
		}
		if settings != "" {
			values["MANIFEST_TOOL_CONFIG"] = write("settings.yaml", settings)
		}
		c, err := config.Load(config.Options{Getenv: func(name string) string { return values[name] }, SystemRoot: root})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for name, c := range map[string]struct {
		settings string
		env      map[string]string
		host     string
		insecure bool
	}{
		"the machine's":          {"", nil, "r.example", true},
		"a network":              {"", nil, "10.2.3.4:5000", true},
		"another host":           {"", nil, "other.example", false},
		"switched off":           {"", map[string]string{"MANIFEST_TOOL_SYSTEM_REGISTRIES": "false"}, "r.example", false},
		"by the file":            {"insecure: false\n", nil, "r.example", false},
		"by a variable":          {"", map[string]string{"MANIFEST_TOOL_INSECURE": "false"}, "r.example", false},
		"by an entry":            {"registries: [{name: r.example, insecure: false}]\n", nil, "r.example", false},
		"by plain-http":          {"registries: [{name: r.example, plain-http: false}]\n", nil, "r.example", false},
		"by ca-file":             {"registries: [{name: r.example, ca-file: a.pem}]\n", nil, "r.example", false},
		"by jobs, it is not":     {"registries: [{name: r.example, jobs: 3}]\n", nil, "r.example", true},
		"by another one's entry": {"registries: [{name: q.example, insecure: false}]\n", nil, "r.example", true},
	} {
		r := load(c.settings, c.env).For(c.host, true)
		if r.Insecure != c.insecure || r.HTTPFallback != c.insecure || r.PlainHTTP {
			t.Errorf("%s: %+v", name, r)
		}
		if c.insecure && (r.Origins["insecure"].Kind != config.FromSystem || r.Origins["insecure"].Line != 1) {
			t.Errorf("%s: origin %+v", name, r.Origins["insecure"])
		}
	}
	c := load("", nil)
	dir := filepath.Join(root, "etc/containerd/certs.d/tls.example")
	if r := c.For("tls.example", true); r.CAFile != dir+"/a.pem" || len(r.CAFiles) != 1 || r.ClientCert != dir+"/c.pem" || r.ClientKey != dir+"/k.pem" {
		t.Errorf("certificates: %+v", r)
	}
	if r := c.For("m.example", false); !r.PlainHTTP {
		t.Errorf("a mirror: %+v", r)
	}
	if r := c.For("m.example", true); r.PlainHTTP {
		t.Errorf("a mirror by its own name: %+v", r)
	}
	if s := c.Sources("docker.io/library/a"); len(s.Mirrors) != 1 {
		t.Errorf("mirrors: %+v", s)
	}
	if s := load("registries: [{name: docker.io, mirror: [own.example]}]\n", nil).Sources("docker.io/library/a"); len(s.Mirrors) != 0 {
		t.Errorf("mirrors against an entry: %+v", s)
	}
}

// TestReportFor_Location has the settings of the host that takes the place of a
// registry, which do not apply to the registry.
func TestReportFor_Location(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "registries.conf")
	content := "[[registry]]\nprefix = \"quay.example\"\nlocation = \"mirror.example:5000\"\ninsecure = true\n"
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"MANIFEST_TOOL_SYSTEM_REGISTRIES": "true", "CONTAINERS_REGISTRIES_CONF": path}
	c, err := config.Load(config.Options{Getenv: func(name string) string { return env[name] }, SystemRoot: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	report, err := c.ReportFor("quay.example")
	if err != nil || len(report.Registries) != 1 {
		t.Fatal(report.Registries, err)
	}
	got := map[string]config.Value{}
	for _, v := range report.Registries[0].Settings {
		got[v.Key] = v
	}
	if v := got["insecure"]; v.Value != false || v.Origin.Kind != config.FromDefault {
		t.Errorf("insecure: %+v", v)
	}
	if v := got["location insecure"]; v.Value != true || v.Origin.File != path {
		t.Errorf("location insecure: %+v", v)
	}
}
