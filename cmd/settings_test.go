package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"manifest-tool/internal/config"
)

// layers are the places a setting can come from, the one that wins first.
func layers() []config.OriginKind {
	return []config.OriginKind{config.FromFlag, config.FromVariable, config.FromFile, config.FromDefault}
}

// TestEverySettingByFlagVariableFileAndDefault sets each setting at every
// combination of places, through the flags of the commands themselves.
func TestEverySettingByFlagVariableFileAndDefault(t *testing.T) {
	for _, s := range config.Settings() {
		for set := range 8 {
			var at []config.OriginKind
			for i, layer := range layers()[:3] {
				if set&(1<<i) != 0 {
					at = append(at, layer)
				}
			}
			if s.Kind == config.Secret && slices.Contains(at, config.FromFile) {
				continue // a test of the file holds that it does not belong there
			}
			t.Run(fmt.Sprintf("%s by %v", s.Key, at), func(t *testing.T) {
				got, folder := loadFrom(t, s, at)
				want := append(at, config.FromDefault)[0]
				if origin := got.Origins[s.Key]; origin.Kind != want {
					t.Errorf("it comes from %s, want %s", origin, want)
				}
				if diff := cmp.Diff(wanted(s, want, folder), valueIn(got, s.Key)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

// loadFrom sets a setting at the layers, each to another value where there are
// enough.
func loadFrom(t *testing.T, s config.Setting, at []config.OriginKind) (c config.Config, folder string) {
	t.Helper()
	folder = t.TempDir()
	command := commandWith(t, s.Flag)
	env := map[string]string{}
	var args []string
	for _, layer := range at {
		switch value := sample(s, layer); layer {
		case config.FromFlag:
			args = append(args, pair(s, layer, "--"+s.Flag)...)
		case config.FromVariable:
			env[s.Variable()] = value
			for _, other := range companion(s, "%s") {
				env[config.Setting{Key: other}.Variable()] = "x"
			}
		case config.FromFile:
			path := filepath.Join(folder, "config.yaml")
			if err := os.WriteFile(path, []byte(strings.Join(pair(s, layer, ""), "\n")+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			env["MANIFEST_TOOL_CONFIG"] = path
		}
	}
	if err := command.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(config.Options{Flags: command.Flags(), Getenv: func(n string) string { return env[n] }})
	if err != nil {
		t.Fatal(err)
	}
	return c, folder
}

// pair sets a setting on a command line, or in a file where flag is empty. A
// certificate and its key need each other.
func pair(s config.Setting, layer config.OriginKind, flag string) []string {
	value := sample(s, layer)
	if flag != "" {
		return append([]string{flag + "=" + value}, companion(s, "--%s=x")...)
	}
	switch s.Kind {
	case config.Hosts, config.Names, config.Namespaces, config.Networks:
		value = "[" + value + "]"
	}
	if section, key, ok := strings.Cut(s.Key, "."); ok {
		return []string{section + ":", "  " + key + ": " + value}
	}
	return append([]string{s.Key + ": " + value}, companion(s, "%s: x")...)
}

func companion(s config.Setting, form string) []string {
	switch s.Key {
	case "client-cert":
		return []string{fmt.Sprintf(form, "client-key")}
	case "client-key":
		return []string{fmt.Sprintf(form, "client-cert")}
	}
	return nil
}

// sample is a value for a layer as it is written there.
func sample(s config.Setting, layer config.OriginKind) string {
	n := slices.Index(layers(), layer)
	switch s.Kind {
	case config.KindBool:
		return []string{"true", "false", "true"}[n]
	case config.KindInt:
		return []string{"11", "12", "13"}[n]
	case config.Duration:
		return []string{"11s", "12m", "13h"}[n]
	case config.KindEnum, config.Format:
		return s.Choices[(n+1)%len(s.Choices)]
	case config.Address:
		return []string{"127.0.0.1:1", ":2", "localhost:3"}[n]
	case config.Networks:
		return []string{"10.0.0.0/8", "::1,192.0.2.1", "2001:db8::/32"}[n]
	case config.URL:
		return []string{"http://a.example.com", "https://b.example.com/images", "http://127.0.0.1:8080"}[n]
	case config.Hosts, config.Namespaces:
		return []string{"a.example.com", "b.example.com,c.example.com:8443", "d.example.com"}[n]
	case config.Names:
		return []string{"amd64=x86_64,arm/v7=armhf", "arm64=aarch64,386=i686", "amd64=x64"}[n]
	}
	return string(layer)
}

// wanted is the sample as it has to arrive.
func wanted(s config.Setting, layer config.OriginKind, folder string) any {
	if layer == config.FromDefault {
		if s.Kind == config.Duration {
			return time.Duration(0)
		}
		return s.Default
	}
	text := sample(s, layer)
	switch s.Kind {
	case config.KindBool:
		return text == "true"
	case config.KindInt:
		return map[string]int{"11": 11, "12": 12, "13": 13}[text]
	case config.Duration:
		return map[string]time.Duration{"11s": 11 * time.Second, "12m": 12 * time.Minute, "13h": 13 * time.Hour}[text]
	case config.Hosts, config.Names, config.Namespaces, config.Networks:
		return strings.Split(text, ",")
	case config.Path:
		if layer == config.FromFile {
			return filepath.Join(folder, text)
		}
	}
	return text
}

func valueIn(of any, key string) any {
	v := reflect.ValueOf(of)
	for i := range v.NumField() {
		switch field := v.Type().Field(i); field.Tag.Get("mapstructure") {
		case key:
			return v.Field(i).Interface()
		case ",squash":
			if found := valueIn(v.Field(i).Interface(), key); found != nil {
				return found
			}
		}
	}
	return nil
}

// commandWith returns a command that has a flag, of a new tree.
func commandWith(t *testing.T, flag string) *cobra.Command {
	t.Helper()
	root, _ := build(Deps{})
	for _, path := range [][]string{{"inspect"}, {"push", "from-args"}, {"config"}, {"query"}, {"serve"}} {
		command, _, err := root.Find(path)
		if err != nil {
			t.Fatal(err)
		}
		if command.Flags().Lookup(flag) != nil || command.InheritedFlags().Lookup(flag) != nil {
			return command
		}
	}
	t.Fatalf("no command has the flag --%s", flag)
	return nil
}

// TestFlagsAndSettingsHaveTheSameDefaults holds what help says to what holds.
func TestFlagsAndSettingsHaveTheSameDefaults(t *testing.T) {
	for _, s := range config.Settings() {
		commandWith(t, s.Flag).Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name != s.Flag {
				return
			}
			want := fmt.Sprint(s.Default)
			if f.DefValue != want {
				t.Errorf("--%s is %q by default, the setting %q", s.Flag, f.DefValue, want)
			}
		})
	}
}

// TestWhatNeedsNoSettingsIsNotHeldUpByThem has a broken settings file.
func TestWhatNeedsNoSettingsIsNotHeldUpByThem(t *testing.T) {
	path := filepath.Join("..", "testdata", "config", "bad", "unknown-key.yaml")
	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"version"}, 0},
		{[]string{"--version"}, 0},
		{[]string{"completion", "bash"}, 0},
		{[]string{"--help"}, 0},
		{nil, 0},
		{[]string{"help", "inspect"}, 0},
		{[]string{"config", "--check", filepath.Join("..", "testdata", "config", "good", "registry.yaml")}, 0},
		{[]string{"config"}, 2},
		{[]string{"config", "--check", path}, 2},
		{[]string{"inspect", "a:1"}, 2},
	} {
		got := runWith(t, map[string]string{"MANIFEST_TOOL_CONFIG": path}, c.args...)
		if got.code != c.code {
			t.Errorf("%v: exit code %d, want %d: %s", c.args, got.code, c.code, got.errOut)
		}
		if c.code == 2 && (!strings.Contains(got.errOut, path+":2: unknown key \"jbos\"") || !strings.Contains(got.errOut, "did you mean \"jobs\"?") || got.out != "") {
			t.Errorf("%v: stdout %q, stderr %q", c.args, got.out, got.errOut)
		}
	}
}

// TestANumberIsOneNumberWhereverItStands writes ten with a zero before it.
func TestANumberIsOneNumberWhereverItStands(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte("jobs: 010\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const template = `template={{range .Settings}}{{if eq .Key "jobs"}}{{.Value}}{{end}}{{end}}`
	for place, run := range map[string]outcome{
		"flag":     runWith(t, nil, "--jobs", "010", "config", "-o", template),
		"variable": runWith(t, map[string]string{"MANIFEST_TOOL_JOBS": "010"}, "config", "-o", template),
		"file":     runWith(t, map[string]string{"MANIFEST_TOOL_CONFIG": path}, "config", "-o", template),
	} {
		if run.code != 0 || strings.TrimSpace(run.out) != "10" {
			t.Errorf("%s: %q, exit code %d: %s", place, run.out, run.code, run.errOut)
		}
	}
	if got := runWith(t, nil, "--jobs", "0x10", "config"); got.code != 2 || !strings.Contains(got.errOut, `--jobs: "0x10" is not a number`) {
		t.Errorf("exit code %d: %s", got.code, got.errOut)
	}
}

func TestCertDirs(t *testing.T) {
	env := map[string]string{}
	getenv := func(n string) string { return env[n] }
	want := []string{"/home/a/.config/containers/certs.d", "/home/a/.config/docker/certs.d", "/home/a/.docker/certs.d", "/etc/containers/certs.d", "/etc/docker/certs.d"}
	if diff := cmp.Diff(want, certDirs("/home/a", getenv)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want[3:], certDirs("", getenv)); diff != "" {
		t.Error(diff)
	}
	env["XDG_CONFIG_HOME"], env["PROGRAMDATA"] = "/xdg", "/data"
	want = []string{"/xdg/containers/certs.d", "/xdg/docker/certs.d", "/etc/containers/certs.d", "/etc/docker/certs.d", "/data/docker/certs.d"}
	if diff := cmp.Diff(want, certDirs("", getenv)); diff != "" {
		t.Error(diff)
	}
}

// TestSettingsAreThereWithoutACommand is about what completes arguments in a
// shell: no command begins then.
func TestSettingsAreThereWithoutACommand(t *testing.T) {
	path := filepath.Join("..", "testdata", "config", "good", "json.yaml") // color: always
	deps := Deps{Getenv: func(name string) string { return map[string]string{"MANIFEST_TOOL_CONFIG": path}[name] }}
	root, s := build(deps)
	if err := s.load(root.PersistentFlags(), true); err != nil || !s.printer.Color {
		t.Errorf("printer %+v, error %v", s.printer, err)
	}
	if _, err := s.openStore(nil); err != nil || s.settings.Jobs != 2 {
		t.Errorf("jobs %d, error %v", s.settings.Jobs, err)
	}
}
