package output

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/opencontainers/go-digest"
)

// text collects the lines of a result.
type text struct {
	paint palette
	// columns is the width of the terminal; 0 in a pipe.
	columns int
	b       bytes.Buffer
}

func (t *text) line(format string, args ...any) { fmt.Fprintf(&t.b, format+"\n", args...) }

// wrap breaks a string at its spaces into lines of at most width characters, if its
// words are not longer. It returns at least one line.
func wrap(s string, width int) []string {
	lines, line := []string{}, ""
	for word := range strings.FieldsSeq(s) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	return append(lines, line)
}

// ShortDigest returns the beginning of a digest without its algorithm, escaped, for
// places in which digests only have to be distinguishable.
func ShortDigest(d digest.Digest) string { return strings.TrimPrefix(digestStart(d), "sha256:") }

// digestStart returns the beginning of a digest, escaped, long enough to be unique in
// an index.
func digestStart(d digest.Digest) string {
	const enough = len("sha256:") + 12
	shown := Escape(d.String())
	return fmt.Sprintf("%.*s", enough, shown)
}
