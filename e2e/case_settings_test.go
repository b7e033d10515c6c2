//go:build e2e

package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSettingsDecideAboutAPush sets the type of the index at three places, the
// next of which beats those before.
func TestSettingsDecideAboutAPush(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	images := newImageSet(t, dockerMedia(), "app")
	images.put(t, g, "app")
	s := settings(t, "type: oci\n")
	for i, c := range []struct {
		env   []string
		flags []string
		want  media
	}{
		{[]string{"XDG_CONFIG_HOME=" + t.TempDir()}, nil, dockerMedia()},
		{nil, nil, ociMedia()},
		{[]string{"MANIFEST_TOOL_TYPE=docker"}, nil, dockerMedia()},
		{[]string{"MANIFEST_TOOL_TYPE=docker"}, []string{"--type", "oci"}, ociMedia()},
	} {
		tag := "all" + string(rune('a'+i))
		s.env = c.env
		s.manifestTool(t, append(c.flags, "push", "from-spec", specFile(t, g.host, images.spec("REGISTRY/app:"+tag, "REGISTRY/app:%s")))...).wantCode(t, 0)
		if got, _ := g.manifest(t, "app", tag); got.MediaType != c.want.index {
			t.Errorf("%v %v: the index is of type %s", c.env, c.flags, got.MediaType)
		}
	}
}

// TestAnEntryWithAWildcard has plain HTTP set for all hosts below a domain: the
// proxy of the network sees what goes out.
func TestAnEntryWithAWildcard(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	for text, plain := range map[string]bool{
		"registries:\n  - name: '*.Example.COM'\n    plain-http: true\n":                                                      true,
		"registries:\n  - name: '*.example.com'\n    plain-http: true\n  - name: " + publicName + "\n    plain-http: false\n": false,
		"registries:\n  - name: '*.example.org'\n    plain-http: true\n":                                                      false,
	} {
		p := startTunnel(t, g.host)
		s := settings(t, text)
		s.env = p.env()
		s.manifestTool(t, "inspect", publicName+"/app:all").wantCode(t, 1)
		if got := len(p.plain) > 0; got != plain {
			t.Errorf("plain HTTP %v, want %v with\n%s", got, plain, text)
		}
	}
}

// TestCredentialsFromVariables logs in without a flag, and shows nothing of it.
func TestCredentialsFromVariables(t *testing.T) {
	t.Parallel()
	g := startBasic(t)
	g.put(t, "app", "one", newImageSet(t, ociMedia(), "app")[0].image)
	s := settings(t, "ca-file: "+g.caFile+"\nusername: "+userName+"\n")
	s.env = []string{"MANIFEST_TOOL_PASSWORD=" + userPassword}
	done := s.manifestTool(t, "--debug", "inspect", g.host+"/app:one")
	done.wantCode(t, 0)
	wantNoSecret(t, done, userPassword)
	shown := s.manifestTool(t, "config")
	shown.wantCode(t, 0)
	wantNoSecret(t, shown, userPassword)
	if want := "(hidden)                          variable MANIFEST_TOOL_PASSWORD"; !strings.Contains(shown.stdout, want) {
		t.Errorf("it does not show where the password comes from:\n%s", shown.stdout)
	}
	if s.env = nil; s.manifestTool(t, "inspect", g.host+"/app:one").code != 1 {
		t.Error("without the variable there is no password")
	}
	// A name in the settings does not stand in the way of a login.
	s.env = login(t, g.host).env
	s.manifestTool(t, "inspect", g.host+"/app:one").wantCode(t, 0)
}

// TestConfigShowsWhereSettingsComeFrom looks at text and data.
func TestConfigShowsWhereSettingsComeFrom(t *testing.T) {
	t.Parallel()
	s := settings(t, "# mine\njobs: 8\nregistries:\n  - name: Registry.Example.com:5000\n    ca-file: ca.pem\n")
	path := filepath.Join(s.home, ".config", "manifest-tool", "config.yaml")
	s.env = []string{"MANIFEST_TOOL_COLOR=never"}
	text := s.manifestTool(t, "config", "--strict")
	text.wantCode(t, 0)
	var lines []string
	for line := range strings.Lines(text.stdout) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	wantLines(t, strings.Join(lines, "\n")+"\n", "type auto default", "strict true flag --strict",
		"jobs 8 file "+path+":2", "color never variable MANIFEST_TOOL_COLOR", "registry Registry.Example.com:5000 (file "+path+":4)",
		"ca-file "+filepath.Join(filepath.Dir(path), "ca.pem")+" file "+path+":5")

	one := s.manifestTool(t, "config", "--jobs", "9", "registry.example.com:5000")
	one.wantCode(t, 0)
	_, held, _ := strings.Cut(one.stdout, "\n\n")
	lines = nil
	for line := range strings.Lines(held) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	want := []string{
		"registry registry.example.com:5000 (file " + path + ":4)", "plain-http false default", "insecure false default",
		"ca-file " + filepath.Join(filepath.Dir(path), "ca.pem") + " file " + path + ":5", "client-cert - default", "client-key - default",
		"mirror - default", "jobs 9 flag --jobs", "tag-params false default", "realm-hosts - default",
	}
	wantText(t, "what holds for the registry", strings.Join(want, "\n"), strings.Join(lines, "\n"))
	s.manifestTool(t, "config", "https://registry.example.com").wantCode(t, 2)

	data := s.manifestTool(t, "config", "-o", "json")
	data.wantCode(t, 0)
	wantSchema(t, "config", data.stdout)
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
	must(t, json.Unmarshal([]byte(data.stdout), &report))
	if report.File != path || len(report.Registries) != 1 {
		t.Errorf("report %+v", report)
	}
	for _, one := range report.Settings {
		if one.Key == "jobs" && (one.Value != 8.0 || one.Origin.Kind != "file" || one.Origin.Line != 2) {
			t.Errorf("jobs: %+v", one)
		}
	}
	filled := s.manifestTool(t, "config", "-o", `template={{range .Settings}}{{if eq .Key "jobs"}}{{.Value}} from {{.Origin}}{{end}}{{end}}`)
	if filled.stdout != "8 from file "+path+":2\n" {
		t.Errorf("the template gives %q", filled.stdout)
	}
}

// TestConfigChecksAFile is what a pipeline runs before it installs settings.
func TestConfigChecksAFile(t *testing.T) {
	t.Parallel()
	good := filepath.Join("..", "testdata", "config", "good", "registry.yaml")
	done := manifestTool(t, "config", "--check", good)
	done.wantCode(t, 0)
	if want := good + ": ok, 0 settings, 1 registry\n"; done.stdout != want {
		t.Errorf("stdout %q, want %q", done.stdout, want)
	}
	data := manifestTool(t, "config", "--check", good, "-o", "json")
	data.wantCode(t, 0)
	wantSchema(t, "config-check", data.stdout)
	bad, err := filepath.Glob(filepath.Join("..", "testdata", "config", "bad", "*.yaml"))
	if err != nil || len(bad) < 50 {
		t.Fatalf("%d bad files: %v", len(bad), err)
	}
	for _, path := range bad {
		done := manifestTool(t, "config", "--check", path)
		done.wantCode(t, 2)
		done.wantStderr(t, "manifest-tool failed with error: "+path+":")
		if done.stdout != "" {
			t.Errorf("%s: stdout %q", path, done.stdout)
		}
	}
	home := settings(t, "jobs: 8\noutput: |\n  template={{.Name}}\n  {{.Kind\n").home
	broken := session{dir: home}.manifestTool(t, "config", "--check", ".config/manifest-tool/config.yaml")
	broken.wantCode(t, 2)
	broken.wantStderr(t, `error: .config/manifest-tool/config.yaml:2: "output": line 3 of the template: unclosed action started on line 2`)
	missing := manifestTool(t, "config", "--check", "no/such.yaml")
	missing.wantCode(t, 2)
	missing.wantStderr(t, "no such file")
}

// TestBadSettingsStopARunBeforeItsFirstRequest has the mistake at each place.
func TestBadSettingsStopARunBeforeItsFirstRequest(t *testing.T) {
	t.Parallel()
	f := (&recordingProxy{backend: startOpen(t)}).open(t)
	file := settings(t, "jobs: 8\njbos: 8\n")
	broken := settings(t, "jobs: 8\noutput: template={{.Name\n")
	named := filepath.Join(t.TempDir(), "none.yaml")
	for says, one := range map[string]struct {
		session session
		flags   []string
	}{
		filepath.Join(file.home, ".config/manifest-tool/config.yaml") + `:2: unknown key "jbos"`:                                  {file, nil},
		filepath.Join(broken.home, ".config/manifest-tool/config.yaml") + `:2: "output": line 1 of the template: unclosed action`: {broken, []string{"-o", "json"}},
		`MANIFEST_TOOL_OUTPUT: line 1 of the template: function "nope" not defined`:                                               {session{env: []string{"MANIFEST_TOOL_OUTPUT=template={{nope}}"}}, nil},
		`--output: line 1 of the template: unclosed action`:                                                                       {session{}, []string{"-o", "template={{"}},
		`MANIFEST_TOOL_TIMEOUT: "5" is not a duration`:                                                                               {session{env: []string{"MANIFEST_TOOL_TIMEOUT=5"}}, nil},

		`--jobs: -1 is out of range`:                             {session{}, []string{"--jobs=-1"}},
		"settings file " + named + ": no such file or directory": {session{}, []string{"--config", named}},
	} {
		done := one.session.manifestTool(t, append(one.flags, "push", "from-args", "--platforms", "linux/amd64", "--template", f.host+"/app:ARCH", "--target", f.host+"/app:all")...)
		done.wantCode(t, 2)
		done.wantStderr(t, says, "hint: ")
	}
	if asked := f.seen.all(); len(asked) > 0 {
		t.Errorf("%d requests were sent", len(asked))
	}
}

// TestATimeoutEndsTheRun has a registry that keeps silent.
func TestATimeoutEndsTheRun(t *testing.T) {
	t.Parallel()
	end := make(chan struct{})
	t.Cleanup(func() { close(end) })
	f := (&recordingProxy{backend: startOpen(t), intercept: func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-end:
		case <-r.Context().Done():
		}
		return true
	}}).open(t)
	for name, one := range map[string]struct {
		session session
		flags   []string
	}{
		"flag":     {session{}, []string{"--timeout", "300ms"}},
		"variable": {session{env: []string{"MANIFEST_TOOL_TIMEOUT=300ms"}}, nil},
		"file":     {settings(t, "timeout: 300ms\n"), nil},
	} {
		begin := time.Now()
		done := one.session.manifestTool(t, append(one.flags, "inspect", f.host+"/app:all")...)
		done.wantCode(t, 1)
		done.wantStderr(t, "manifest-tool failed with error: the run took longer than its timeout of 300ms: ", "hint: a longer --timeout")
		if took := time.Since(begin); took > soon || strings.Count(done.stderr, "\n") != 2 {
			t.Errorf("%s: after %s it says\n%s", name, took, done.stderr)
		}
	}
}

// TestSettingsAreReadFromWhereTheUserSays names the file by flag and variable.
func TestSettingsAreReadFromWhereTheUserSays(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mine.yaml")
	must(t, os.WriteFile(path, []byte("jobs: 7\n"), 0o600))
	for _, c := range []struct {
		env, flags []string
	}{{nil, []string{"--config", path}}, {[]string{"MANIFEST_TOOL_CONFIG=" + path}, nil}} {
		s := settings(t, "jobs: 8\ncolor: never\n")
		s.env = c.env
		done := s.manifestTool(t, append(c.flags, "config", "-o", `template={{range .Settings}}{{if ne .Origin.Kind "default"}}{{.Key}} {{.Value}};{{end}}{{end}}`)...)
		done.wantCode(t, 0)
		if !strings.HasPrefix(done.stdout, "jobs 7;output ") {
			t.Errorf("%v %v: %s", c.env, c.flags, done.stdout)
		}
	}
}

// TestATemplateThatDoesNotFitIsNamedByItsPlace holds that --output is not blamed
// for a template that it did not bring.
func TestATemplateThatDoesNotFitIsNamedByItsPlace(t *testing.T) {
	t.Parallel()
	const text = "template={{.Nope}}"
	file := settings(t, "jobs: 8\noutput: "+text+"\n")
	for place, s := range map[string]session{
		filepath.Join(file.home, ".config/manifest-tool/config.yaml") + `:2: "output"`: file,
		"MANIFEST_TOOL_OUTPUT": {env: []string{"MANIFEST_TOOL_OUTPUT=" + text}},
	} {
		done := s.manifestTool(t, "config")
		done.wantCode(t, 2)
		done.wantStderr(t, "error: "+place+": line 1 of the template: at <.Nope>: there is no field Nope")
		flag := s.manifestTool(t, "config", "-o", text)
		flag.wantCode(t, 2)
		flag.wantStderr(t, "error: --output: line 1 of the template")
	}
}
