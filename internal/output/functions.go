package output

import (
	"encoding/json"
	"strings"
	"text/template"

	"manifest-tool/internal/platform"
)

// functions are what a template may call besides Go's own. docs/output.md
// lists them.
func functions() template.FuncMap {
	return template.FuncMap{
		"json": func(v any) (string, error) {
			data, err := json.Marshal(v)
			return string(data), err
		},
		"join":     func(separator string, parts []string) string { return strings.Join(parts, separator) },
		"upper":    strings.ToUpper,
		"lower":    strings.ToLower,
		"pad":      pad,
		"platform": formatPlatform,
	}
}

// pad fills a text up to a width with spaces, on the right, or on the left
// when the width is negative.
func pad(width int, s string) string {
	space := strings.Repeat(" ", max(0, max(width, -width)-len([]rune(s))))
	if width < 0 {
		return space + s
	}
	return s + space
}

// formatPlatform writes a platform, or a pointer to one, as os/arch[/variant];
// nothing for none.
func formatPlatform(p *platform.Platform) string {
	if p == nil {
		return ""
	}
	return platform.Format(*p)
}
