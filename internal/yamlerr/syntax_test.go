package yamlerr_test

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"manifest-tool/internal/yamlerr"
)

// TestSyntax has the parser, its scanner and its reader
// refuse a text, each of which counts lines in its own way.
func TestSyntax(t *testing.T) {
	for text, line := range map[string]int{
		"a: b: c\n":             1,
		"a: b\nc: d: e\n":       2,
		"a:\n\t- b\n":           2,
		"a: 1\nb: *c\n":         2,
		"a: 1\nb: \x01\n":       2,
		"a: 1\nb: \xff\n":       2,
		"a: [1,\n":              1,
		"a:\n  - b\n c: d\n":    3,
		"%YAML 9.9\n---\na: 1":  1,
		"a: 1\n---\nb: \"c\n\n": 3,
	} {
		var err error
		decoder := yaml.NewDecoder(strings.NewReader(text))
		for err == nil {
			var n yaml.Node
			err = decoder.Decode(&n)
		}
		if got, message := yamlerr.SyntaxError(err, []byte(text)); got != line {
			t.Errorf("%q: line %d, want %d: %s (%v)", text, got, line, message, err)
		}
	}
}
