//go:build e2e

package clitest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Tail returns the last 2000 bytes of a text.
func Tail(text string) string { return text[max(0, len(text)-2000):] }

// WantText fails the test unless the texts are equal. What names them in the
// message.
func WantText(t *testing.T, what, want, got string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// DecodeJSON returns the value of a JSON text of any shape.
func DecodeJSON(t *testing.T, raw []byte) any {
	t.Helper()
	var value any
	Must(t, json.Unmarshal(raw, &value))
	return value
}

// WantLines fails the test unless each of the lines is a line of the text, in
// this order. Other lines may be between them.
func WantLines(t *testing.T, text string, lines ...string) {
	t.Helper()
	rest := "\n" + text
	for _, line := range lines {
		_, after, found := strings.Cut(rest, "\n"+line+"\n")
		if !found {
			t.Fatalf("no line %q (in its place) in:\n%s", line, text)
		}
		rest = "\n" + after
	}
}

// Must ends the test at once if err is set. It is for errors of the test
// itself, not of the program under test.
func Must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// EncodeJSON returns a value as JSON.
func EncodeJSON(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	Must(t, err)
	return text
}
