package executable

import (
	"errors"
	"slices"
	"strings"
)

// readProblems is what could not be read of the parts of a file that only narrow what
// its header says.
type readProblems struct {
	broken  []string // what could not be made sense of
	missing error    // the reader's first error
}

// add notes how reading a part went: what is malformed there leaves the
// header's value valid, as it does for the system that loads the file; missing
// ranges are returned to the caller.
func (g *readProblems) add(part string, err error) {
	var bad *MalformedError
	switch {
	case err == nil:
	case !errors.As(err, &bad):
		if g.missing == nil {
			g.missing = err
		}
	case !slices.Contains(g.broken, part):
		g.broken = append(g.broken, part)
	}
}

// detail returns the text to add to a file's detail.
func (g *readProblems) detail() string {
	if len(g.broken) == 0 {
		return ""
	}
	return ", " + strings.Join(g.broken, " and ") + " malformed"
}
