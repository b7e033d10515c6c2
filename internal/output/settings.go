package output

import (
	"fmt"
	"strings"

	settings "manifest-tool/internal/config"
	"manifest-tool/internal/reference"
)

// maxColumn limits the width of a column, in characters, so that one long value does
// not widen it for all.
const maxColumn = 32

// PrintSettings writes the settings in force: a line for each, with its value and
// origin, then the entries of the registries list.
func (p Printer) PrintSettings(r settings.Report) error {
	hidePasswords(r)
	return p.render(r, func(t *text) {
		t.settings("", r.Settings)
		for _, entry := range r.Registries {
			t.line("")
			t.line("registry %s  (%s)", t.paint.name(entry.Name), Escape(entry.Origin.String()))
			t.settings("  ", entry.Settings)
		}
	})
}

// hidePasswords removes passwords from values that are not secrets but contain
// one, such as a URL in the place of a file. A template may have an @ anywhere.
func hidePasswords(r settings.Report) {
	all := [][]settings.Value{r.Settings}
	for _, entry := range r.Registries {
		all = append(all, entry.Settings)
	}
	for _, values := range all {
		for i, v := range values {
			if s, ok := v.Value.(string); ok && v.Key != "output" {
				values[i].Value = reference.RedactUserinfo(s)
			}
		}
	}
}

func (t *text) settings(indent string, all []settings.Value) {
	keys, values := 0, 0
	for _, v := range all {
		keys = max(keys, len(v.Key))
		values = max(values, min(maxColumn, len([]rune(settingText(v.Value)))))
	}
	for _, v := range all {
		value := pad(values, settingText(v.Value))
		if v.Origin.Kind != settings.FromDefault {
			value = t.paint.name(value)
		}
		t.line("%s%s  %s  %s", indent, pad(keys, v.Key), value, Escape(v.Origin.String()))
	}
}

// settingText returns a value in one line, "-" if it is empty.
func settingText(value any) string {
	s := fmt.Sprint(value)
	if list, ok := value.([]string); ok {
		s = strings.Join(list, ",")
	}
	if s == "" {
		return "-"
	}
	return Escape(s)
}

// PrintCheck writes that a settings file is valid.
func (p Printer) PrintCheck(c settings.CheckResult) error {
	return p.render(c, func(t *text) {
		t.line("%s: ok, %s, %s", Escape(c.File), Pluralize(c.Settings, "setting"), Pluralize(c.Registries, "registry"))
	})
}
