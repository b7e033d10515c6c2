package suggest_test

import (
	"testing"

	"manifest-tool/internal/suggest"
)

func TestNearest(t *testing.T) {
	known := []string{"image", "tags", "annotations", "annotation-file", "os.version"}
	for word, want := range map[string]string{
		"imag":       `did you mean "image"?`,
		"Image":      `did you mean "image"?`,
		"tagz":       `did you mean "tags"?`,
		"anno":       `did you mean "annotations"?`,
		"annotation": `did you mean "annotations"?`,
		"os_version": `did you mean "os.version"?`,
		"platforms":  "the keys known here are image, tags, annotations, annotation-file, os.version",
		"":           "the keys known here are image, tags, annotations, annotation-file, os.version",
	} {
		if got := suggest.Hint(word, known); got != want {
			t.Errorf("%q: %s", word, got)
		}
	}
}
