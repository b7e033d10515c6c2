package verify

import "testing"

// TestExamples has one file, all files, and the first of more.
func TestExamples(t *testing.T) {
	for want, got := range map[string]string{
		"the file is /a":       examples([]string{"/a"}, 1),
		"the files are /a, /b": examples([]string{"/a", "/b"}, 2),
		"the first are /a, /b": examples([]string{"/a", "/b"}, 3),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
