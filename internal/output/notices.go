package output

import (
	"fmt"
	"io"
)

// Notices writes lines for people to standard error while a command runs.
type Notices struct {
	Out       io.Writer
	Sanitizer *Sanitizer
	// Quiet leaves out notes, which say nothing about the result.
	Quiet bool
}

// Print writes "KIND: MESSAGE", with the message sanitized.
func (n Notices) Print(kind, message string) {
	fmt.Fprintf(n.Out, "%s: %s\n", kind, n.Sanitizer.Line(message))
}

// Warn writes a warning.
func (n Notices) Warn(message string) { n.Print("warning", message) }

// Note writes "KIND: MESSAGE" unless the notices are quiet.
func (n Notices) Note(kind, message string) {
	if !n.Quiet {
		n.Print(kind, message)
	}
}
