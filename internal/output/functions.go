package output

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	template "github.com/DataDog/datadog-agent/pkg/template/text"

	"manifest-tool/internal/platform"
)

// functions returns the functions of templates in addition to Go's own.
// docs/output.md lists them.
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
		"date":     formatDate,
	}
}

// maxPad limits the width of pad: a template is the user's, but the width may be
// a value from a registry.
const maxPad = 1000

// pad pads a string to a width with spaces, on the right, or on the left if the
// width is negative. It accepts digests and kinds too.
func pad(width int, v any) string {
	s := fmt.Sprint(v)
	width = max(-maxPad, min(width, maxPad))
	space := strings.Repeat(" ", max(0, max(width, -width)-len([]rune(s))))
	if width < 0 {
		return space + s
	}
	return s + space
}

// formatDate returns a time in a layout of Go's time package; "" for no time.
func formatDate(layout string, v any) (string, error) {
	switch t := v.(type) {
	case time.Time:
		return t.Format(layout), nil
	case *time.Time:
		if t == nil {
			return "", nil
		}
		return t.Format(layout), nil
	case nil:
		return "", nil
	}
	return "", fmt.Errorf("%v is not a time", v)
}

// formatPlatform returns a platform as os/arch[/variant]; "" for nil.
func formatPlatform(p *platform.Platform) string {
	if p == nil {
		return ""
	}
	return platform.Format(*p)
}
