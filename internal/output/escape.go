package output

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Escape escapes characters that could control or spoof a terminal: C0 and C1
// controls (newline and tab too), DEL, the bidirectional controls, the line
// and paragraph separators, and bytes that are not UTF-8. They are written as in
// Go's strings (\x1b, \u202e); all other characters are unchanged, so escaping
// twice changes nothing. It is for one-line strings from outside: a name, a
// message of a registry. Fault P14.
func Escape(s string) string { return escape(s, isUnsafe) }

// escapeLines is Escape for a string of several lines; it keeps line ends and
// tabs.
func escapeLines(s string) string {
	return escape(s, func(r rune) bool { return r != '\n' && r != '\t' && isUnsafe(r) })
}

func escape(s string, isUnsafe func(rune) bool) string {
	// utf8.RuneError may be an invalid byte or U+FFFD itself; the loop below checks.
	first := strings.IndexFunc(s, func(r rune) bool { return r == utf8.RuneError || isUnsafe(r) })
	if first < 0 {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:first])
	for rest := s[first:]; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case r == utf8.RuneError && size == 1, r < utf8.RuneSelf && isUnsafe(r):
			fmt.Fprintf(&b, `\x%02x`, rest[0])
		case isUnsafe(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(rest[:size])
		}
		rest = rest[size:]
	}
	return b.String()
}

// isUnsafe reports whether Escape and the JSON output escape a rune. The
// bidirectional controls are those of UAX 9, section 2.
func isUnsafe(r rune) bool {
	switch {
	case r < 0x20, 0x7f <= r && r <= 0x9f: // C0, DEL and C1
		return true
	case r == 0x061c, r == 0x200e, r == 0x200f: // directional marks
		return true
	case 0x2028 <= r && r <= 0x202e: // separators, embeddings, overrides
		return true
	}
	return 0x2066 <= r && r <= 0x2069 // isolates
}
