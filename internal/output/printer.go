// Package output prints results: text for people and scripts, JSON, YAML, templates
// and the formats of other programs. Every function writes only to its writer and
// sends no requests. Each string from outside passes through Escape or the JSON
// encoder, so that a registry cannot control the terminal.
package output

import (
	"fmt"
	"io"
	"slices"
	"time"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest/push"
)

// Printer writes results to Out, with colours if Color is set. The piped text of
// inspect, push and query is that of manifest-tool v2, byte for byte.
type Printer struct {
	Out    io.Writer
	Color  bool
	Format Format
	// Multiple is set if there may be several results: YAML then has a separator
	// line before each, JSON needs none.
	Multiple bool
	// Columns is the width of the terminal that Out is; 0 if it is not one.
	Columns int
	// Now returns the current time, for ages; if it is nil, no age is shown.
	Now func() time.Time
	// Sanitizer sanitizes the error messages in results.
	Sanitizer *Sanitizer
}

// PrintPush writes the results of the push of one index, one for each target. The text
// is one line if a target has all its tags: the digest of the index and its size in
// bytes.
func (p Printer) PrintPush(targets []push.Result) error {
	if p.Format.IsText() {
		return p.printDigest(targets)
	}
	for _, pushed := range targets {
		pushed.Tags, pushed.PlatformTags = p.Sanitizer.tags(pushed.Tags), p.Sanitizer.platformTags(pushed.PlatformTags)
		if err := p.render(pushed, nil); err != nil {
			return err
		}
	}
	return nil
}

// printDigest writes the line of an index. The error of the run lists the tags that
// could not be written.
func (p Printer) printDigest(targets []push.Result) error {
	at := slices.IndexFunc(targets, func(r push.Result) bool { return !r.Failed() })
	if at < 0 {
		return nil
	}
	return p.write(fmt.Appendf(nil, "Digest: %s %d\n", Escape(targets[at].Digest.String()), targets[at].Size))
}

// write writes a complete result, so that an earlier error prints nothing.
func (p Printer) write(data []byte) error {
	if _, err := p.Out.Write(data); err != nil {
		return fmt.Errorf("writing the result: %w", errtext.WithoutPath(err))
	}
	return nil
}
