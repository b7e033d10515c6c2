package output

import (
	"encoding/json"
	"fmt"
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
			return untagJSON(string(data)), err
		},
		"join":     func(separator string, parts []string) string { return strings.Join(parts, separator) },
		"upper":    func(v any) string { return strings.ToUpper(fmt.Sprint(v)) },
		"lower":    func(v any) string { return strings.ToLower(fmt.Sprint(v)) },
		"pad":      pad,
		"platform": formatPlatform,
	}
}

// maxPad bounds what pad adds: a template is the user's, the width may be a
// value of somebody else's.
const maxPad = 1000

// pad fills a text up to a width with spaces, on the right, or on the left
// when the width is negative. Digests and kinds are texts here too.
func pad(width int, v any) string {
	s := fmt.Sprint(v)
	width = max(-maxPad, min(width, maxPad))
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
