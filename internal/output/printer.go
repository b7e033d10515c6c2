// Package output decides how results look: the text that people read and
// scripts parse, and the JSON. Every function writes to the writer it is given
// and nowhere else, fetches nothing, and passes each string from outside
// through Escape or the JSON encoder, so that what a registry says cannot
// drive a terminal.
package output

import (
	"fmt"
	"io"
	"time"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest/push"
)

// Printer writes results to Out, with colours when Color is set. The piped
// text, without colours, is the predecessor's byte for byte.
type Printer struct {
	Out    io.Writer
	Color  bool
	Format Format
	// Multiple is set when more than one result follows: YAML then has a line
	// between them, JSON needs none.
	Multiple bool
	// Columns is the width of the terminal that Out is; 0 when it is none.
	Columns int
	// Now is the present, for ages; where it is nil no age is shown.
	Now func() time.Time
	// Sanitizer sanitizes the error messages in results.
	Sanitizer *Sanitizer
}

// PrintPush writes what became of an index. As text that is one line of a
// successful push: the digest of the index and its size in bytes.
func (p Printer) PrintPush(pushed push.Result) error {
	pushed.Tags = p.Sanitizer.tags(pushed.Tags)
	return p.render(pushed, func(t *text) {
		t.line("Digest: %s %d", Escape(pushed.Digest.String()), pushed.Size)
	})
}

// write sends one whole result, so that a failure on the way to it leaves
// nothing printed.
func (p Printer) write(data []byte) error {
	if _, err := p.Out.Write(data); err != nil {
		return fmt.Errorf("writing the result: %w", errtext.WithoutPath(err))
	}
	return nil
}
