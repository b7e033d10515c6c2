package yamlerr

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The parser's own words, compiled when a file is broken: most are not.
func yamlErrorLine() *regexp.Regexp { return regexp.MustCompile(`^line (\d+): (?s)(.*)$`) }

func unknownAnchor() *regexp.Regexp {
	return regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
}

// SyntaxError reads an error that the parser returned for data: the line it is
// about, counted from 1, and what it says. The parser has no type for its
// errors: the line is in the text, counted from 0 by one half of it and from 1
// by the other, and left out for the first line, for unknown anchors and for
// characters that cannot be read.
func SyntaxError(err error, data []byte) (line int, message string) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line = unreadableLine(data)
	if m := yamlErrorLine().FindStringSubmatch(text); m != nil {
		text = m[2]
		line, _ = strconv.Atoi(m[1]) // the expression matches only digits
		if countedFromZero(text) {
			line++
		}
	} else if m := unknownAnchor().FindStringSubmatch(text); m != nil {
		line = aliasLine(data, m[1])
	}
	lines := bytes.Split(bytes.TrimRight(data, "\r\n"), []byte("\n"))
	line = min(line, len(lines))
	if text == "found character that cannot start any token" && isTabIndented(lines[line-1]) {
		text = "a tab, where YAML requires spaces"
	}
	return line, "this is not YAML: " + text
}

// isTabIndented reports whether a tab is among the white space that a line begins with.
func isTabIndented(line []byte) bool {
	indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
	return bytes.IndexByte(indent, '\t') >= 0
}

// countedFromZero distinguishes the messages of the parser from those of its
// scanner.
func countedFromZero(message string) bool {
	switch message {
	case "did not find expected key", "did not find expected node content",
		"did not find expected '-' indicator", "did not find expected ',' or ']'",
		"did not find expected ',' or '}'", "did not find expected <document start>",
		"found undefined tag handle", "found duplicate %YAML directive",
		"found duplicate %TAG directive", "found incompatible YAML document":
		return true
	}
	return false
}

// unreadableLine returns the line of the first character that YAML does not allow
// in a file, or 1 if no character was found. An approximate test is enough, since the
// parser has already rejected the file.
func unreadableLine(data []byte) int {
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 || r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f {
			return 1 + bytes.Count(data[:at], []byte("\n"))
		}
		at += size
	}
	return 1
}

// aliasLine returns the line of the first alias to name, or 1 if no alias was
// found.
func aliasLine(data []byte, name string) int {
	alias := regexp.MustCompile(`\*` + regexp.QuoteMeta(name) + `([\s,:\]}]|$)`)
	at := alias.FindIndex(data)
	if at == nil {
		return 1
	}
	return 1 + bytes.Count(data[:at[0]], []byte("\n"))
}
