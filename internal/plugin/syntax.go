package plugin

import (
	"fmt"
	"regexp"
	"strings"

	template "github.com/DataDog/datadog-agent/pkg/template/text"

	"manifest-tool/internal/manifest"
)

// isGoTemplate reports whether a template has the syntax of Go: a tag of it has a name
// that begins with a dot, as in {{.Build.Tag}} or {{ if .Build.Tag }}. Handlebars has
// no such names.
func isGoTemplate(text string) bool {
	quoted := regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|'[^']*'|`[^`]*`")
	name := regexp.MustCompile(`(?:^|[\s({|=,-])\.[A-Za-z_]`)
	for _, tag := range regexp.MustCompile(`(?s)\{\{(.*?)\}\}`).FindAllStringSubmatch(text, -1) {
		if !strings.HasPrefix(tag[1], "!") && name.MatchString(quoted.ReplaceAllString(tag[1], " ")) {
			return true
		}
	}
	return false
}

// goFunctions returns the functions of Go templates, in addition to Go's own.
func goFunctions() template.FuncMap {
	all := template.FuncMap{}
	for name, f := range table() {
		all[name] = func(args ...any) (any, error) { return f.run(args) }
	}
	return all
}

// plainGoError rewords an error of the template engine as FILE:LINE: message.
func plainGoError(name string, err error) error {
	place := regexp.MustCompile(`^template: ` + regexp.QuoteMeta(name) + `:(\d+)(?::\d+)?: (?:executing .*? at <.*?>: )?(?s)(.*)$`)
	m := place.FindStringSubmatch(err.Error())
	if m == nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	field := regexp.MustCompile(`can't evaluate field (\S+) in type \S+`)
	return fmt.Errorf("%s:%s: %s", name, m[1], field.ReplaceAllString(m[2], "there is no field $1"))
}

// unusedSettings warns of the settings of push from-args together with a template that
// does not use them as {{config.NAME}}.
func unusedSettings(s Settings, text string) []*manifest.InputError {
	var all []*manifest.InputError
	for _, setting := range []struct {
		name string
		set  bool
	}{{"target", s.Target != ""}, {"template", s.Template != ""}, {"platforms", len(s.Platforms) > 0}} {
		if setting.set && !strings.Contains(strings.ToLower(text), "config."+setting.name) {
			all = append(all, warning("remove it, or spec", "PLUGIN_"+strings.ToUpper(setting.name)+" has no effect: PLUGIN_SPEC is set, and its template has no {{config."+setting.name+"}}"))
		}
	}
	return all
}
