package plugin

import (
	"slices"
	"strconv"
	"strings"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/suggest"
)

// Settings are the settings of a step. Drone and Woodpecker set PLUGIN_NAME for the
// setting name, and join lists with commas.
type Settings struct {
	// Spec is the path of a template, or a template itself: it has a line break, or a
	// colon with a blank.
	Spec string
	// Target, Template and Platforms are those of push from-args.
	Target, Template string
	Platforms        []string
	// Tags are more tags. AutoTag replaces them by those of the build.
	Tags    []string
	AutoTag bool
	// IgnoreMissing skips images that are not found.
	IgnoreMissing bool
	// Insecure neither checks certificates nor requires TLS.
	Insecure Switch
	// Dump prints the rendered template.
	Dump bool
	// Username and Password are for the registries of targets.
	Username, Password Secret
}

// Switch is a setting that is true or false, and the variable that it is from.
type Switch struct {
	On       bool
	Variable string
}

// Secret is a value and the variable that it is from.
type Secret struct{ Value, Variable string }

// tagsFile has tags if the settings have none, as for the plugin plugins/docker.
const tagsFile = ".tags"

// names are the variables of each setting, the first that is not empty counts. The
// names without PLUGIN_ are those of secrets in Drone 0.8.
type names []string

func usernames() names { return names{"PLUGIN_USERNAME", "MANIFEST_USERNAME", "DOCKER_USERNAME"} }
func passwords() names { return names{"PLUGIN_PASSWORD", "MANIFEST_PASSWORD", "DOCKER_PASSWORD"} }

// settingNames returns the names of all settings. The last ones have no effect here.
func settingNames() []string {
	return []string{
		"username", "password", "spec", "target", "template", "platforms", "tags", "tag", "auto_tag", "default_tags",
		"ignore_missing", "insecure", "skip_verify", "dump", "log_level", "lint",
	}
}

// first returns the value of the first variable that is not empty, and its name.
func (e Environment) first(of ...string) (value, name string) {
	for _, name := range of {
		if value := e.Getenv(name); value != "" {
			return value, name
		}
	}
	return "", ""
}

func (e Environment) settings() (Settings, error) {
	s := Settings{Spec: e.Getenv("PLUGIN_SPEC"), Target: e.Getenv("PLUGIN_TARGET"), Template: e.Getenv("PLUGIN_TEMPLATE")}
	s.Platforms = manifest.SplitList([]string{e.Getenv("PLUGIN_PLATFORMS")})
	for _, flag := range []struct {
		value *bool
		names names
	}{
		{&s.AutoTag, names{"PLUGIN_AUTO_TAG", "PLUGIN_DEFAULT_TAGS"}},
		{&s.IgnoreMissing, names{"PLUGIN_IGNORE_MISSING"}},
		{&s.Insecure.On, names{"PLUGIN_INSECURE", "PLUGIN_SKIP_VERIFY"}},
		{&s.Dump, names{"PLUGIN_DUMP"}},
	} {
		text, name := e.first(flag.names...)
		on, err := strconv.ParseBool(text)
		if err != nil && text != "" {
			return Settings{}, inputError("", "%s is %.60q, and must be true or false", name, text)
		}
		*flag.value = on
	}
	_, s.Insecure.Variable = e.first("PLUGIN_INSECURE", "PLUGIN_SKIP_VERIFY")
	var err error
	if s.Tags, err = e.tags(s); err != nil {
		return Settings{}, err
	}
	return s, e.login(&s)
}

// login reads user name and password, of which neither or both must be set.
func (e Environment) login(s *Settings) error {
	s.Username.Value, s.Username.Variable = e.first(usernames()...)
	s.Password.Value, s.Password.Variable = e.first(passwords()...)
	hint := "set both, or neither for anonymous access and the logins in Docker's config; a secret is empty in builds that may not read it, such as pull requests"
	switch {
	case s.Username.Value == "" && s.Password.Value != "":
		return inputError(hint, "%s is set without PLUGIN_USERNAME", s.Password.Variable)
	case s.Username.Value != "" && s.Password.Value == "":
		return inputError(hint, "%s is set without PLUGIN_PASSWORD", s.Username.Variable)
	}
	return nil
}

// tags returns the tags of the settings, else those of the file of tags.
func (e Environment) tags(s Settings) ([]string, error) {
	text, _ := e.first("PLUGIN_TAGS", "PLUGIN_TAG")
	if text != "" || s.AutoTag {
		return manifest.SplitList([]string{text}), nil
	}
	content, err := e.ReadFile(tagsFile)
	switch {
	case isMissing(err):
		return nil, nil
	case err != nil:
		return nil, inputError("", "reading tags from %s: %w", tagsFile, err)
	}
	lines := strings.ReplaceAll(string(content), "\n", ",")
	return manifest.SplitList([]string{lines}), nil
}

// unknownSettings warns of settings that do not exist.
func (e Environment) unknownSettings() []*manifest.InputError {
	if e.Environ == nil {
		return nil
	}
	var all []*manifest.InputError
	variables := e.Environ()
	slices.Sort(variables)
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		setting, ok := strings.CutPrefix(name, "PLUGIN_")
		setting = strings.ToLower(setting)
		if !ok || value == "" || slices.Contains(settingNames(), setting) {
			continue
		}
		hint := "docs/plugin.md lists the settings"
		if near := suggest.Closest(setting, settingNames()); near != "" {
			hint = "did you mean " + near + "?"
		}
		all = append(all, warning(hint, name+" is not a setting of this plugin, and is ignored"))
	}
	return all
}
