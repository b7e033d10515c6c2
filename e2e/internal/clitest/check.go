//go:build e2e

package clitest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tail is the end of a long text.
func Tail(text string) string { return text[max(0, len(text)-2000):] }

// wantText fails the test unless the texts are equal.
func WantText(t *testing.T, what, want, got string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// decode reads JSON of any shape.
func DecodeJSON(t *testing.T, raw []byte) any {
	t.Helper()
	var value any
	Must(t, json.Unmarshal(raw, &value))
	return value
}

// wantLines fails the test unless each line stands in the text, in this order.
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

// must fails the test at once on an error of the stage itself.
func Must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// encode returns a value as JSON.
func EncodeJSON(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	Must(t, err)
	return text
}
