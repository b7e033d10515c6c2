package plugin

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/manifest"
)

func TestAutoTags(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string]string{
		"refs/tags/v1.4.2": "1 1.4 1.4.2", "refs/tags/1.4.2": "1 1.4 1.4.2", "refs/tags/0.9.0": "0.9 0.9.0",
		"refs/tags/v18.06.0": "18 18.06 18.06.0", "refs/tags/v1.0.0-alpha.1": "1.0.0-alpha.1", "refs/tags/v18.06.0-rc1": "18.6.0-rc1",
		"refs/tags/x1.0.0": "latest", "refs/tags/v1.4": "latest", "refs/tags/nightly": "latest", "refs/tags/1.2.3.4": "latest",
		"refs/heads/main": "latest", "v1.4.2": "latest",
	} {
		if got := strings.Join(autoTags(ref), " "); got != want {
			t.Errorf("%s: %s, want %s", ref, got, want)
		}
	}
}

// pushed describes what a run pushes: the target and its tags.
func pushed(r Run) string {
	if r.Skipped != "" {
		return r.Skipped
	}
	var all []string
	for _, s := range r.Specs {
		all = append(all, fmt.Sprintf("%s%v%d", s.Image, s.Tags, len(s.Manifests)))
	}
	return strings.Join(all, " ")
}

func TestLoad(t *testing.T) {
	t.Parallel()
	arguments := variables{"PLUGIN_TARGET": "reg.example/app:1", "PLUGIN_TEMPLATE": "reg.example/app:1-OS-ARCH", "PLUGIN_PLATFORMS": "linux/amd64, linux/arm/v7"}
	const inline = "image: reg.example/app:{{build.branch}}\ntags: [{{#each build.tags}}{{this}},{{/each}}]\nmanifests:\n- image: reg.example/app:x\n"
	for name, c := range map[string]struct {
		set   variables
		files map[string]string
		want  string
	}{
		"arguments":       {arguments, nil, "reg.example/app:1[]2"},
		"tags":            {with(arguments, "PLUGIN_TAGS", "a, b"), nil, "reg.example/app:1[a b]2"},
		"tag":             {with(arguments, "PLUGIN_TAG", "a"), nil, "reg.example/app:1[a]2"},
		"tags_file":       {arguments, map[string]string{".tags": "a,\nb,a\n"}, "reg.example/app:1[a b]2"},
		"tags_before_it":  {with(arguments, "PLUGIN_TAGS", "a"), map[string]string{".tags": "b"}, "reg.example/app:1[a]2"},
		"auto_tag":        {with(arguments, "PLUGIN_AUTO_TAG", "true", "DRONE_COMMIT_REF", "refs/tags/v1.2.3", "PLUGIN_TAGS", "a"), nil, "reg.example/app:1[1 1.2 1.2.3]2"},
		"auto_tag_by_tag": {with(arguments, "PLUGIN_AUTO_TAG", "true", "CI_COMMIT_TAG", "v1.2.3"), nil, "reg.example/app:1[1 1.2 1.2.3]2"},
		"auto_tag_branch": {
			with(arguments, "PLUGIN_AUTO_TAG", "true", "CI_COMMIT_REF", "refs/heads/dev", "CI_REPO_DEFAULT_BRANCH", "main"), nil,
			`nothing is pushed: auto_tag pushes git tags and the default branch "main", and this build is of "refs/heads/dev"`,
		},
		"inline":                {variables{"PLUGIN_SPEC": inline, "CI_COMMIT_BRANCH": "dev"}, nil, "reg.example/app:dev[]1"},
		"inline_one_line":       {variables{"PLUGIN_SPEC": "{image: reg.example/app:{{build.tag}}, manifests: [{image: reg.example/app:x}]}", "DRONE_TAG": "3"}, nil, "reg.example/app:3[]1"},
		"drone_first":           {variables{"PLUGIN_SPEC": inline, "DRONE_COMMIT_BRANCH": "dev", "CI_COMMIT_BRANCH": "x"}, nil, "reg.example/app:dev[]1"},
		"empty_counts_as_unset": {variables{"PLUGIN_SPEC": inline, "DRONE_COMMIT_BRANCH": "", "CI_COMMIT_BRANCH": "x"}, nil, "reg.example/app:x[]1"},
		"documents":             {variables{"PLUGIN_SPEC": inline + "---\n" + inline, "CI_COMMIT_BRANCH": "dev", "PLUGIN_TAGS": "a,b"}, nil, "reg.example/app:dev[a b]1 reg.example/app:dev[a b]1"},
	} {
		run, err := Load(c.set.environment(c.files))
		if err != nil || pushed(run) != c.want {
			t.Errorf("%s: %q %v, want %q", name, pushed(run), err, c.want)
		}
	}
}

// with returns the variables with more of them.
func with(v variables, pairs ...string) variables {
	all := maps.Clone(v)
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = pairs[i+1]
	}
	return all
}

func TestLoad_Errors(t *testing.T) {
	t.Parallel()
	arguments := variables{"PLUGIN_TARGET": "reg.example/app:1", "PLUGIN_TEMPLATE": "reg.example/app:1-OS-ARCH", "PLUGIN_PLATFORMS": "linux/amd64"}
	for name, c := range map[string]struct {
		set  variables
		want string
	}{
		"nothing":      {variables{}, "PLUGIN_TARGET is not set"},
		"no_template":  {with(arguments, "PLUGIN_TEMPLATE", ""), "PLUGIN_TEMPLATE is not set"},
		"no_platforms": {with(arguments, "PLUGIN_PLATFORMS", " , "), "PLUGIN_PLATFORMS is not set"},
		"platform":     {with(arguments, "PLUGIN_PLATFORMS", "linux"), "settings target, template, platforms and tags: the --platforms argument must be a string slice where one value is of the form 'os/arch', not \"linux\""},
		"no_file":      {variables{"PLUGIN_SPEC": "none.tmpl"}, `reading the template "none.tmpl" of PLUGIN_SPEC: file does not exist`},
		"bool":         {with(arguments, "PLUGIN_IGNORE_MISSING", "ja"), `PLUGIN_IGNORE_MISSING is "ja", and must be true or false`},
		"no_password":  {with(arguments, "PLUGIN_USERNAME", "bob"), "PLUGIN_USERNAME is set without PLUGIN_PASSWORD"},
		"no_username":  {with(arguments, "DOCKER_PASSWORD", "hush"), "DOCKER_PASSWORD is set without PLUGIN_USERNAME"},
		"no_ref":       {with(arguments, "PLUGIN_AUTO_TAG", "1"), "auto_tag needs the git reference of the build: neither DRONE_COMMIT_REF nor CI_COMMIT_REF is set"},
		"template":     {variables{"PLUGIN_SPEC": "image: x\n{{#if build.tag}}"}, "PLUGIN_SPEC:2: the block if is not closed: {{/if}} is missing"},
		"yaml":         {variables{"PLUGIN_SPEC": "image: x\nmanifests: [{{build.number}}]", "DRONE_BUILD_NUMBER": "3"}, "PLUGIN_SPEC (rendered):2: "},
		"empty":        {variables{"PLUGIN_SPEC": "{{#if build.tag}}\nimage: x\n{{/if}}\n"}, "PLUGIN_SPEC (rendered):1: the spec is empty"},
	} {
		_, err := Load(c.set.environment(nil))
		var input *manifest.InputError
		if !errors.As(err, &input) || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestLoad_Warnings(t *testing.T) {
	t.Parallel()
	run, err := Load(variables{
		"PLUGIN_SPEC": "image: reg.example/{{config.target}}:{{project}}x\nmanifests: [{image: reg.example/app:x}]", "PLUGIN_TARGET": "app",
		"PLUGIN_PLATFORMS": "linux/amd64", "PLUGIN_REPO": "x", "PLUGIN_IGNORE_MISING": "true", "PLUGIN_EMPTY": "", "PLUGIN_LOG_LEVEL": "debug",
	}.environment(nil))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range run.Specs[0].Warnings {
		got = append(got, w.Error()+" | "+w.HintText)
	}
	want := []string{
		"PLUGIN_IGNORE_MISING is not a setting of this plugin, and is ignored | did you mean ignore_missing?",
		"PLUGIN_REPO is not a setting of this plugin, and is ignored | docs/plugin.md lists the settings",
		`PLUGIN_SPEC:1: unknown value "project", it is empty | `,
		"PLUGIN_PLATFORMS has no effect: PLUGIN_SPEC is set, and its template has no {{config.platforms}} | remove it, or spec",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestFault114APasswordIsNotInTemplates holds that neither the data of templates nor what is dumped has the
// password.
func TestFault114APasswordIsNotInTemplates(t *testing.T) {
	t.Parallel()
	const password = "open-sesame"
	run, err := Load(variables{
		"PLUGIN_SPEC":     "image: reg.example/app:x{{config.password}}{{config.username}}{{env}}\nannotations: {a: \"" + password + "\"}\nmanifests: [{image: reg.example/app:x}]",
		"PLUGIN_USERNAME": "bob", "PLUGIN_PASSWORD": password,
	}.environment(nil))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(run.Rendered, password) || strings.Contains(run.Rendered, "bob") || !strings.Contains(run.Rendered, "REDACTED") {
		t.Error(run.Rendered)
	}
	if run.Specs[0].Annotations["a"] != password {
		t.Error("what is pushed is redacted")
	}
	if run.Settings.Username != (Secret{"bob", "PLUGIN_USERNAME"}) || run.Settings.Password != (Secret{password, "PLUGIN_PASSWORD"}) {
		t.Errorf("%+v", run.Settings)
	}
}
