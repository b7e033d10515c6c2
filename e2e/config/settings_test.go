//go:build e2e

package config

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestSettingsOfPush sets the type of the index at three places, the next of
// which beats those before.
func TestSettingsOfPush(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.Docker(), "app")
	g.PutImages(t, "app", images)
	s := clitest.WithSettings(t, "type: oci\n")
	for i, c := range []struct {
		env   []string
		flags []string
		want  fixture.MediaTypes
	}{
		{[]string{"XDG_CONFIG_HOME=" + t.TempDir()}, nil, fixture.Docker()},
		{nil, nil, fixture.OCI()},
		{[]string{"MANIFEST_TOOL_TYPE=docker"}, nil, fixture.Docker()},
		{[]string{"MANIFEST_TOOL_TYPE=docker"}, []string{"--type", "oci"}, fixture.OCI()},
	} {
		tag := "all" + string(rune('a'+i))
		s.Env = c.env
		s.Run(t, append(c.flags, "push", "from-spec", clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/app:"+tag, "REGISTRY/app:%s")))...).WantCode(t, 0)
		if got, _ := g.Manifest(t, "app", tag); got.MediaType != c.want.Index {
			t.Errorf("%v %v: the index is of type %s", c.env, c.flags, got.MediaType)
		}
	}
}

// TestWildcardEntry has plain HTTP set for all hosts below a domain: the proxy
// of the network sees what goes out.
func TestWildcardEntry(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	for text, plain := range map[string]bool{
		"registries:\n  - name: '*.Example.COM'\n    plain-http: true\n":                                                                   true,
		"registries:\n  - name: '*.example.com'\n    plain-http: true\n  - name: " + registrytest.PublicName + "\n    plain-http: false\n": false,
		"registries:\n  - name: '*.example.org'\n    plain-http: true\n":                                                                   false,
	} {
		p := registrytest.StartForwardProxy(t, g.Host)
		s := clitest.WithSettings(t, text)
		s.Env = p.Env()
		s.Run(t, "inspect", registrytest.PublicName+"/app:all").WantCode(t, 1)
		if got := len(p.Plain) > 0; got != plain {
			t.Errorf("plain HTTP %v, want %v with\n%s", got, plain, text)
		}
	}
}

// TestCredentialsFromVariables logs in without a flag, and shows nothing of it.
func TestCredentialsFromVariables(t *testing.T) {
	t.Parallel()
	g := registrytest.StartBasicTLS(t)
	g.Put(t, "app", "one", fixture.NewImageSet(t, fixture.OCI(), "app")[0].Image)
	s := clitest.WithSettings(t, "ca-file: "+g.CAFile+"\nusername: "+registrytest.UserName+"\n")
	s.Env = []string{"MANIFEST_TOOL_PASSWORD=" + registrytest.UserPassword}
	done := s.Run(t, "--debug", "inspect", g.Host+"/app:one")
	done.WantCode(t, 0)
	registrytest.WantNoSecret(t, done, registrytest.UserPassword)
	shown := s.Run(t, "config")
	shown.WantCode(t, 0)
	registrytest.WantNoSecret(t, shown, registrytest.UserPassword)
	if want := "(hidden)                          variable MANIFEST_TOOL_PASSWORD"; !strings.Contains(shown.Stdout, want) {
		t.Errorf("it does not show where the password comes from:\n%s", shown.Stdout)
	}
	if s.Env = nil; s.Run(t, "inspect", g.Host+"/app:one").Code != 1 {
		t.Error("without the variable there is no password")
	}
	// A name in the settings does not stand in the way of a login.
	s.Env = registrytest.WithLogin(t, g.Host).Env
	s.Run(t, "inspect", g.Host+"/app:one").WantCode(t, 0)
}

// TestConfigOrigins looks at text and data.
func TestConfigOrigins(t *testing.T) {
	t.Parallel()
	s := clitest.WithSettings(t, "# mine\njobs: 8\nregistries:\n  - name: Registry.Example.com:5000\n    ca-file: ca.pem\n")
	path := filepath.Join(s.Home, ".config", "manifest-tool", "config.yaml")
	s.Env = []string{"MANIFEST_TOOL_COLOR=never"}
	text := s.Run(t, "config", "--strict")
	text.WantCode(t, 0)
	var lines []string
	for line := range strings.Lines(text.Stdout) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	clitest.WantLines(t, strings.Join(lines, "\n")+"\n", "type auto default", "strict true flag --strict",
		"jobs 8 file "+path+":2", "color never variable MANIFEST_TOOL_COLOR", "registry Registry.Example.com:5000 (file "+path+":4)",
		"ca-file "+filepath.Join(filepath.Dir(path), "ca.pem")+" file "+path+":5")

	one := s.Run(t, "config", "--jobs", "9", "registry.example.com:5000")
	one.WantCode(t, 0)
	_, held, _ := strings.Cut(one.Stdout, "\n\n")
	lines = nil
	for line := range strings.Lines(held) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	want := []string{
		"registry registry.example.com:5000 (file " + path + ":4)", "plain-http false default", "insecure false default",
		"ca-file " + filepath.Join(filepath.Dir(path), "ca.pem") + " file " + path + ":5", "client-cert - default", "client-key - default",
		"mirror - default", "jobs 9 flag --jobs", "tag-params false default", "realm-hosts - default",
	}
	clitest.WantText(t, "what holds for the registry", strings.Join(want, "\n"), strings.Join(lines, "\n"))
	s.Run(t, "config", "https://registry.example.com").WantCode(t, 2)

	data := s.Run(t, "config", "-o", "json")
	data.WantCode(t, 0)
	clitest.WantSchema(t, "config", data.Stdout)
	var report struct {
		File     string
		Settings []struct {
			Key    string
			Value  any
			Origin struct {
				Kind, Name, File string
				Line             int
			}
		}
		Registries []struct{ Name string }
	}
	clitest.Must(t, json.Unmarshal([]byte(data.Stdout), &report))
	if report.File != path || len(report.Registries) != 1 {
		t.Errorf("report %+v", report)
	}
	for _, one := range report.Settings {
		if one.Key == "jobs" && (one.Value != 8.0 || one.Origin.Kind != "file" || one.Origin.Line != 2) {
			t.Errorf("jobs: %+v", one)
		}
	}
	filled := s.Run(t, "config", "-o", `template={{range .Settings}}{{if eq .Key "jobs"}}{{.Value}} from {{.Origin}}{{end}}{{end}}`)
	if filled.Stdout != "8 from file "+path+":2\n" {
		t.Errorf("the template gives %q", filled.Stdout)
	}
}

// TestConfigValidatesFile is what a pipeline runs before it installs settings.
func TestConfigValidatesFile(t *testing.T) {
	t.Parallel()
	good := clitest.RepoPath("testdata", "config", "good", "registry.yaml")
	done := clitest.Run(t, "config", "--check", good)
	done.WantCode(t, 0)
	if want := good + ": ok, 0 settings, 1 registry\n"; done.Stdout != want {
		t.Errorf("stdout %q, want %q", done.Stdout, want)
	}
	data := clitest.Run(t, "config", "--check", good, "-o", "json")
	data.WantCode(t, 0)
	clitest.WantSchema(t, "config-check", data.Stdout)
	bad, err := filepath.Glob(clitest.RepoPath("testdata", "config", "bad", "*.yaml"))
	if err != nil || len(bad) < 50 {
		t.Fatalf("%d bad files: %v", len(bad), err)
	}
	for _, path := range bad {
		done := clitest.Run(t, "config", "--check", path)
		done.WantCode(t, 2)
		done.WantStderr(t, "manifest-tool failed with error: "+path+":")
		if done.Stdout != "" {
			t.Errorf("%s: stdout %q", path, done.Stdout)
		}
	}
	home := clitest.WithSettings(t, "jobs: 8\noutput: |\n  template={{.Name}}\n  {{.Kind\n").Home
	broken := clitest.Session{Dir: home}.Run(t, "config", "--check", ".config/manifest-tool/config.yaml")
	broken.WantCode(t, 2)
	broken.WantStderr(t, `error: .config/manifest-tool/config.yaml:2: "output": line 3 of the template: unclosed action started on line 2`)
	missing := clitest.Run(t, "config", "--check", "no/such.yaml")
	missing.WantCode(t, 2)
	missing.WantStderr(t, "no such file")
}

// TestInvalidSettings has the mistake at each place.
func TestInvalidSettings(t *testing.T) {
	t.Parallel()
	f := (&registrytest.RecordingProxy{Backend: registrytest.StartOpen(t)}).Open(t)
	file := clitest.WithSettings(t, "jobs: 8\njbos: 8\n")
	broken := clitest.WithSettings(t, "jobs: 8\noutput: template={{.Name\n")
	named := filepath.Join(t.TempDir(), "none.yaml")
	for says, one := range map[string]struct {
		session clitest.Session
		flags   []string
	}{
		filepath.Join(file.Home, ".config/manifest-tool/config.yaml") + `:2: unknown key "jbos"`:                                  {file, nil},
		filepath.Join(broken.Home, ".config/manifest-tool/config.yaml") + `:2: "output": line 1 of the template: unclosed action`: {broken, []string{"-o", "json"}},
		`MANIFEST_TOOL_OUTPUT: line 1 of the template: function "nope" not defined`:                                               {clitest.Session{Env: []string{"MANIFEST_TOOL_OUTPUT=template={{nope}}"}}, nil},
		`--output: line 1 of the template: unclosed action`:                                                                       {clitest.Session{}, []string{"-o", "template={{"}},
		`MANIFEST_TOOL_TIMEOUT: "5" is not a duration`:                                                                            {clitest.Session{Env: []string{"MANIFEST_TOOL_TIMEOUT=5"}}, nil},

		`--jobs: -1 is out of range`:                             {clitest.Session{}, []string{"--jobs=-1"}},
		"settings file " + named + ": no such file or directory": {clitest.Session{}, []string{"--config", named}},
	} {
		done := one.session.Run(t, append(one.flags, "push", "from-args", "--platforms", "linux/amd64", "--template", f.Host+"/app:ARCH", "--target", f.Host+"/app:all")...)
		done.WantCode(t, 2)
		done.WantStderr(t, says, "hint: ")
	}
	if asked := f.Seen.All(); len(asked) > 0 {
		t.Errorf("%d requests were sent", len(asked))
	}
}

// TestTimeout has a registry that keeps silent.
func TestTimeout(t *testing.T) {
	t.Parallel()
	end := make(chan struct{})
	t.Cleanup(func() { close(end) })
	f := (&registrytest.RecordingProxy{Backend: registrytest.StartOpen(t), Intercept: func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-end:
		case <-r.Context().Done():
		}
		return true
	}}).Open(t)
	for name, one := range map[string]struct {
		session clitest.Session
		flags   []string
	}{
		"flag":     {clitest.Session{}, []string{"--timeout", "300ms"}},
		"variable": {clitest.Session{Env: []string{"MANIFEST_TOOL_TIMEOUT=300ms"}}, nil},
		"file":     {clitest.WithSettings(t, "timeout: 300ms\n"), nil},
	} {
		begin := time.Now()
		done := one.session.Run(t, append(one.flags, "inspect", f.Host+"/app:all")...)
		done.WantCode(t, 1)
		done.WantStderr(t, "manifest-tool failed with error: the run took longer than its timeout of 300ms: ", "hint: a longer --timeout")
		if took := time.Since(begin); took > clitest.WaitLimit || strings.Count(done.Stderr, "\n") != 2 {
			t.Errorf("%s: after %s it says\n%s", name, took, done.Stderr)
		}
	}
}

// TestSettingsFileLocation names the file by flag and variable.
func TestSettingsFileLocation(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mine.yaml")
	clitest.Must(t, os.WriteFile(path, []byte("jobs: 7\n"), 0o600))
	for _, c := range []struct {
		env, flags []string
	}{{nil, []string{"--config", path}}, {[]string{"MANIFEST_TOOL_CONFIG=" + path}, nil}} {
		s := clitest.WithSettings(t, "jobs: 8\ncolor: never\n")
		s.Env = c.env
		done := s.Run(t, append(c.flags, "config", "-o", `template={{range .Settings}}{{if ne .Origin.Kind "default"}}{{.Key}} {{.Value}};{{end}}{{end}}`)...)
		done.WantCode(t, 0)
		if !strings.HasPrefix(done.Stdout, "jobs 7;output ") {
			t.Errorf("%v %v: %s", c.env, c.flags, done.Stdout)
		}
	}
}

// TestInvalidTemplate holds that --output is not blamed for a template that it
// did not bring.
func TestInvalidTemplate(t *testing.T) {
	t.Parallel()
	const text = "template={{.Nope}}"
	file := clitest.WithSettings(t, "jobs: 8\noutput: "+text+"\n")
	for place, s := range map[string]clitest.Session{
		filepath.Join(file.Home, ".config/manifest-tool/config.yaml") + `:2: "output"`: file,
		"MANIFEST_TOOL_OUTPUT": {Env: []string{"MANIFEST_TOOL_OUTPUT=" + text}},
	} {
		done := s.Run(t, "config")
		done.WantCode(t, 2)
		done.WantStderr(t, "error: "+place+": line 1 of the template: at <.Nope>: there is no field Nope")
		flag := s.Run(t, "config", "-o", text)
		flag.WantCode(t, 2)
		flag.WantStderr(t, "error: --output: line 1 of the template")
	}
}
