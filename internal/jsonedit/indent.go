package jsonedit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// render formats a value that follows a gap: on several lines if the gap has a
// line break, else on one.
func render(value any, gap, unit string) (string, error) {
	i := strings.LastIndexByte(gap, '\n')
	if i < 0 {
		text, err := json.Marshal(value)
		return string(text), err
	}
	text, err := json.MarshalIndent(value, gap[i+1:], unit)
	return string(text), err
}

// indentation returns the white space of one level of a document, or "" if the
// document is on one line.
func indentation(doc []byte) string {
	o, err := objectAt(doc, 0)
	if err != nil {
		return ""
	}
	if len(o.members) == 0 {
		return "\t"
	}
	gap := gapBefore(doc, o.members[0].start)
	i := strings.LastIndexByte(gap, '\n')
	if i < 0 {
		return ""
	}
	return gap[i+1:]
}

// gapBefore is the white space before an offset.
func gapBefore(doc []byte, at int) string {
	return string(doc[len(bytes.TrimRight(doc[:at], " \t\r\n")):at])
}

// colonBefore is the colon before a value with the space around it.
func colonBefore(doc []byte, at int) string {
	return string(doc[len(bytes.TrimRight(doc[:at], " \t\r\n:")):at])
}

// nestObjects wraps a value into objects of one member each.
func nestObjects(path []string, value any) any {
	for i := len(path) - 1; i >= 0; i-- {
		value = map[string]any{path[i]: value}
	}
	return value
}

// splice replaces doc[from:to].
func splice(doc []byte, from, to int, text string) []byte {
	return fmt.Appendf(nil, "%s%s%s", doc[:from], text, doc[to:])
}
