package output

import (
	"fmt"
	"strings"
)

// Pluralize writes how many of something there are: 1 layer, 2 layers, 0 indexes.
// The text of `inspect` in a pipe has a rule of its own, which is the
// predecessor's.
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
