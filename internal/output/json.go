package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// encode returns JSON that is safe for a terminal: the standard encoder escapes C0,
// and EscapeJSON the rest.
func encode(value any) ([]byte, error) {
	data, err := json.MarshalIndent(value, "", indent)
	if err != nil {
		return nil, err
	}
	return EscapeJSON(append(data, '\n')), nil
}

// encodeList is encode for a value with one field that may be a very long list. In
// the value the list is empty, not nil, and item returns its n elements: encoded
// together, the list would be in memory three times.
func encodeList(value any, field string, n int, item func(int) any) ([]byte, error) {
	data, err := json.MarshalIndent(value, "", indent)
	if err != nil || n == 0 {
		return EscapeJSON(append(data, '\n')), err
	}
	// Within a string the quotes would be escaped, so this is the field.
	head, tail, _ := bytes.Cut(data, fmt.Appendf(nil, "\n%s%q: []", indent, field))
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n%s%q: [", EscapeJSON(head), indent, field)
	for i := range n {
		one, err := json.MarshalIndent(item(i), indent+indent, indent)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			b.Grow(n * (len(one) + len(one)/8))
		} else {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n%s%s", indent+indent, EscapeJSON(one))
	}
	fmt.Fprintf(&b, "\n%s]%s\n", indent, EscapeJSON(tail))
	return b.Bytes(), nil
}

// indent is that of the JSON of manifest-tool v2.
const indent = "    "

// EscapeJSON makes JSON safe for a terminal. In valid JSON a rune that Escape escapes
// can occur only inside a string, where \uXXXX means the same, or as white space
// between values.
func EscapeJSON(data []byte) []byte {
	escaped := func(r rune) bool { return r != '\n' && r != '\t' && isUnsafe(r) }
	if !bytes.ContainsFunc(data, escaped) {
		return data // a copy of thousands of entries would cost as much again
	}
	var b bytes.Buffer
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if escaped(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.Write(rest[:size])
		}
		rest = rest[size:]
	}
	return b.Bytes()
}
