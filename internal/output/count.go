package output

import (
	"fmt"
	"strings"
)

// Pluralize returns a count with its noun: 1 layer, 2 layers, 0 indexes. The text of
// `inspect` in a pipe has its own rule, that of manifest-tool v2.
func Pluralize(n int, noun string) string {
	switch stem, ends := strings.CutSuffix(noun, "y"); {
	case n == 1:
	case ends:
		noun = stem + "ies"
	case strings.HasSuffix(noun, "x"):
		noun += "es"
	default:
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
