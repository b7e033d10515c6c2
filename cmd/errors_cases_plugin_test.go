package cmd

import "testing"

// pluginCase runs the command plugin with settings. SPEC in a value is the path of a
// template with the text.
func pluginCase(id, condition, template string, env map[string]string) errorCase {
	return errorCase{id: id, condition: condition, run: func(t *testing.T, m *machine) outcome {
		t.Helper()
		path := m.file(t, "manifest.tmpl", template)
		m.name("DIR", m.dir)
		for name, value := range env {
			if value == "SPEC" {
				value = path
			}
			m.env[name] = value
		}
		return m.main("plugin")
	}}
}

func pluginCases() []errorCase {
	spec := func(id, condition, template string) errorCase {
		return pluginCase(id, condition, template, map[string]string{"PLUGIN_SPEC": "SPEC", "DRONE_TAG": "v1.2.3", "CI_COMMIT_BRANCH": "main"})
	}
	const image = "image: registry.example.com/app:1\n"
	return []errorCase{
		pluginCase("plugin-unset", "neither `spec` nor `target` is set", "", nil),
		pluginCase("plugin-file", "the file of `spec` does not exist", "", map[string]string{"PLUGIN_SPEC": "no/such.tmpl"}),
		pluginCase("plugin-login", "a user name without a password", "", map[string]string{"PLUGIN_USERNAME": "bob", "PLUGIN_SPEC": "SPEC"}),
		pluginCase("plugin-ref", "`auto_tag` outside of a pipeline", image, map[string]string{"PLUGIN_SPEC": "SPEC", "PLUGIN_AUTO_TAG": "true"}),
		spec("plugin-function", "an unknown function in the template", image+"tags: [{{trimeSuffix \"-x\" build.tag}}]\n"),
		spec("plugin-functions", "a function that the plugin does not have", image+"tags: [{{semverCompare \"1\" build.tag}}]\n"),
		spec("plugin-pipe", "a pipe in the template", image+"tags: [{{build.tag | lower}}]\n"),
		spec("plugin-operator", "an operator in the template", "{{#if build.branch == \"main\"}}\n"+image+"{{/if}}\n"),
		spec("plugin-argument", "a function as the argument of a block", "{{#unless contains \"-rc\" build.tag}}\n"+image+"{{/unless}}\n"),
		spec("plugin-block", "a function as a block", "{{#contains \"-rc\" build.tag}}\n"+image+"{{/contains}}\n"),
		pluginCase("plugin-text-first", "the arguments of `trimPrefix` in the order of old versions of the plugin, with `--strict`", image+"manifests: [{image: registry.example.com/app:x}]\nannotations: {a: '{{trimPrefix build.tag \"v\"}}'}\n",
			map[string]string{"PLUGIN_SPEC": "SPEC", "DRONE_TAG": "v1.2.3", "MANIFEST_TOOL_STRICT": "true"}),
		pluginCase("plugin-slice", "brackets after a value, which have no effect, with `--strict`", image+"manifests: [{image: registry.example.com/app:x}]\nannotations: {a: '{{build.commit[0:8]}}'}\n",
			map[string]string{"PLUGIN_SPEC": "SPEC", "DRONE_COMMIT": "0123456789abcdef", "MANIFEST_TOOL_STRICT": "true"}),
		pluginCase("plugin-value", "an unknown value in the template, with `--strict`", image+"manifests: [{image: registry.example.com/app:x}]\nannotations: {a: '{{build.tagg}}'}\n",
			map[string]string{"PLUGIN_SPEC": "SPEC", "MANIFEST_TOOL_STRICT": "true"}),
		pluginCase("plugin-both", "both `spec` and `target` are set, with `--strict`", image+"manifests: [{image: registry.example.com/app:x}]\n",
			map[string]string{"PLUGIN_SPEC": "SPEC", "PLUGIN_TARGET": "registry.example.com/app:1", "MANIFEST_TOOL_STRICT": "true"}),
		pluginCase("plugin-setting", "a setting that the plugin does not have, with `--strict`", image+"manifests: [{image: registry.example.com/app:x}]\n",
			map[string]string{"PLUGIN_SPEC": "SPEC", "PLUGIN_TARGETS": "x", "MANIFEST_TOOL_STRICT": "true"}),
		spec("plugin-rendered", "the rendered template is not a spec", "image: registry.example.com/{{lower build.branch}}:\nmanifests: [{image: x:1},\n"),
		spec("plugin-empty-value", "the same, because of an unknown value", "image: registry.example.com/app:{{build.tagg}}\nmanifests: [{image: x:1}]\n"),
		spec("plugin-inline", "a block as a value", "{{if build.tag}}\n"+image),
	}
}
