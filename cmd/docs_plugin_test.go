package cmd

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"manifest-tool/internal/plugin"
)

// checkStep checks the settings of the steps of a pipeline of Drone or Woodpecker, and
// reports whether there are any.
func (b docBlock) checkStep(t *testing.T) bool {
	t.Helper()
	var pipeline struct {
		Steps []struct{ Settings map[string]any }
	}
	_ = yaml.Unmarshal([]byte(b.text), &pipeline) // another file has no steps
	found := false
	for _, step := range pipeline.Steps {
		variables := map[string]string{}
		for name, value := range step.Settings {
			variables["PLUGIN_"+strings.ToUpper(name)] = fmt.Sprint(value)
			found = true
		}
		if len(variables) > 0 {
			b.loadPlugin(t, variables, "image: registry.example.com/app:1\nmanifests: [{image: registry.example.com/app:x}]\n")
		}
	}
	return found
}

// checkTemplate checks that a template is a spec for the build of a tag, and for one of
// a branch.
func (b docBlock) checkTemplate(t *testing.T) {
	t.Helper()
	for _, tag := range []string{"v1.4.2", ""} {
		b.loadPlugin(t, map[string]string{"PLUGIN_SPEC": "manifest.tmpl", "DRONE_TAG": tag}, b.text)
	}
}

// loadPlugin holds that the plugin accepts the settings and the template.
func (b docBlock) loadPlugin(t *testing.T, variables map[string]string, template string) {
	t.Helper()
	variables["DRONE_COMMIT_REF"], variables["DRONE_REPO_BRANCH"] = "refs/heads/main", "main"
	m := &machine{env: variables}
	run, err := plugin.Load(plugin.Environment{
		Getenv: func(name string) string { return variables[name] }, Environ: m.environ,
		ReadFile: func(path string) ([]byte, error) {
			if path == variables["PLUGIN_SPEC"] {
				return []byte(template), nil
			}
			return nil, fs.ErrNotExist // .tags
		},
	})
	if err != nil || len(run.Specs) == 0 || len(run.Specs[0].Warnings) > 0 {
		t.Errorf("%s:%d: the plugin does not accept it: %v %v", b.page, b.line, err, run.Specs)
	}
}

// TestPluginHelpHasEverySetting holds that the help of plugin, which is its man page,
// names each setting of docs/plugin.md.
func TestPluginHelpHasEverySetting(t *testing.T) {
	raw, err := os.ReadFile("../docs/plugin.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(raw), "\n## Settings\n")
	table, _, _ = strings.Cut(table, "\n## ")
	rows := regexp.MustCompile("(?m)^\\| `([a-z_]+)`(?:, `([a-z_]+)`)?(?:,? (?:and )?`([a-z_]+)`)?").FindAllStringSubmatch(table, -1)
	if len(rows) < 7 {
		t.Errorf("docs/plugin.md has %d rows of settings", len(rows))
	}
	help := run(t, "plugin", "--help").out
	for _, row := range rows {
		for _, name := range row[1:] {
			if name != "" && !regexp.MustCompile(`\b`+name+`\b`).MatchString(help) {
				t.Errorf("%s is not in the help of plugin", name)
			}
		}
	}
}
