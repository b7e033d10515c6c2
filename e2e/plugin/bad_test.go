//go:build e2e

package plugin

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// TestBadInput has templates and settings that cannot be used: the exit code is 2, the
// message names file and line, and no registry is asked.
func TestBadInput(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	arguments := []string{"PLUGIN_TARGET=HOST/app:1", "PLUGIN_TEMPLATE=HOST/app:ARCH", "PLUGIN_PLATFORMS=linux/amd64"}
	for name, c := range map[string]struct {
		template string // of PLUGIN_SPEC, if it is not empty
		env      []string
		message  string
	}{
		"unknown_function":  {"image: HOST/app:1\n\ntags: [{{shorten build.tag}}]\n", nil, specPath + `:3: unknown function "shorten"`},
		"unclosed_block":    {"image: HOST/app:1\n{{#if build.tags}}\ntags:\n", nil, specPath + ":2: the block if is not closed: {{/if}} is missing"},
		"other_end":         {"image: HOST/app:1\n{{#if build.tags}}\n{{/fi}}\n", nil, specPath + ":3: {{/fi}} closes the block if, which is opened on line 2"},
		"unclosed_tag":      {"image: HOST/app:{{build.tag\n", nil, specPath + ":1: a tag is not closed: }} is missing"},
		"go_field":          {"image: HOST/app:1\ntags: [{{.Build.Version}}]\n", nil, specPath + ":2: there is no field Version"},
		"yaml":              {"image: HOST/app:1\nmanifests:\n- image: HOST/app:x\n  image: HOST/app:y\n", nil, specPath + ` (rendered):4: duplicate key "image"`},
		"reference":         {"image: HOST/app:{{build.branch}}\nmanifests:\n- image: HOST/app:x\n", []string{"CI_COMMIT_BRANCH=fix/x"}, "fix/x"},
		"empty":             {"{{#if build.tag}}\nimage: HOST/app:1\n{{/if}}\n", nil, specPath + " (rendered):1: the spec is empty"},
		"hostile":           {"{{#each build.tags}}{{#each build.tags}}{{#each build.tags}}{{#each build.tags}}x{{/each}}{{/each}}{{/each}}{{/each}}", []string{"PLUGIN_TAGS=" + commas(60)}, specPath + ":1: the result is larger than"},
		"missing_file":      {"", []string{"PLUGIN_SPEC=none.tmpl"}, `reading the template "none.tmpl" of PLUGIN_SPEC: no such file or directory`},
		"a_directory":       {"", []string{"PLUGIN_SPEC=."}, `reading the template "." of PLUGIN_SPEC: is a directory`},
		"nothing":           {"", nil, "PLUGIN_TARGET is not set"},
		"no_target":         {"", append([]string{}, arguments[1:]...), "PLUGIN_TARGET is not set"},
		"no_platforms":      {"", append([]string{}, arguments[:2]...), "PLUGIN_PLATFORMS is not set"},
		"one_image_for_two": {"", append([]string{"PLUGIN_PLATFORMS=linux/amd64,linux/arm64"}, arguments[0], "PLUGIN_TEMPLATE=HOST/app:x"), `platforms linux/amd64 and linux/arm64 both mean image`},
		"boolean":           {"", append([]string{"PLUGIN_AUTO_TAG=maybe"}, arguments...), `PLUGIN_AUTO_TAG is "maybe", and must be true or false`},
		"half_a_login":      {"", append([]string{"PLUGIN_USERNAME=alice"}, arguments...), "PLUGIN_USERNAME is set without PLUGIN_PASSWORD"},
		"tag":               {"", append([]string{"PLUGIN_TAGS=1.0+5"}, arguments...), "1.0+5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, seen := open.BehindProxy(t, nil)
			s := step{files: map[string]string{}, env: withHost(c.env, g.Host)}
			if c.template != "" {
				s.files[specPath] = withHost([]string{c.template}, g.Host)[0]
				s.env = append(s.env, "PLUGIN_SPEC="+specPath)
			}
			done := s.run(t)
			done.WantCode(t, 2)
			done.WantStderr(t, "manifest-tool failed with error: ", c.message)
			clitest.WantText(t, "stdout", "", done.Stdout)
			if all := seen.Matching(func(registrytest.Request) bool { return true }); len(all) > 0 {
				t.Errorf("requests: %v", all)
			}
		})
	}
}
