package spec

import (
	"strings"

	"manifest-tool/internal/platform"
)

// expandTemplate puts the values of p in place of OS, ARCH and VARIANT in
// template, wherever they are. A run of upper-case letters is replaced as a
// whole, when it consists of these words alone (OS, ARCHVARIANT), and left
// alone otherwise: CENTOS-ARCH holds one placeholder, not two. A platform
// without variant gives an empty text for VARIANT.
func expandTemplate(template string, p platform.Platform) string {
	var out strings.Builder
	for template != "" {
		run := leadingUppercase(template)
		if run == "" {
			out.WriteByte(template[0])
			template = template[1:]
			continue
		}
		value, ok := expandPlaceholders(run, p)
		if !ok {
			value = run
		}
		out.WriteString(value)
		template = template[len(run):]
	}
	return out.String()
}

// leadingUppercase returns the capital letters s begins with.
func leadingUppercase(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool { return r < 'A' || r > 'Z' })
	if end < 0 {
		return s
	}
	return s[:end]
}

// expandPlaceholders reports whether run is made of placeholders alone, and what they
// become. The three begin with different letters, so there is one way to read it.
func expandPlaceholders(run string, p platform.Platform) (string, bool) {
	value := ""
	for run != "" {
		var rest string
		var ok bool
		if rest, ok = strings.CutPrefix(run, "OS"); ok {
			value += p.OS
		} else if rest, ok = strings.CutPrefix(run, "ARCH"); ok {
			value += p.Architecture
		} else if rest, ok = strings.CutPrefix(run, "VARIANT"); ok {
			value += p.Variant
		} else {
			return "", false
		}
		run = rest
	}
	return value, true
}
