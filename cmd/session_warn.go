package cmd

import (
	"fmt"
	"io"

	"manifest-tool/internal/output"
	"manifest-tool/internal/reference"
)

// sanitize takes the secrets of the run out of a text that a server may have had
// a say in, and passwords that were typed into names.
func (f *session) sanitize(text string) string {
	if f.redact != nil {
		text = f.redact(text)
	}
	return reference.RedactUserinfoInText(text)
}

// sanitizeForResult is clean for an error in a result, which has room for so much.
func (f *session) sanitizeForResult(text string) string { return truncate(f.sanitize(text)) }

// warner is warner for what servers may have had a say in.
func (f *session) warner(w io.Writer) func(string) {
	return func(message string) { printNotice(w, "warning", f.sanitize(message)) }
}

// warnFunc returns what tells people something without stopping.
func warnFunc(w io.Writer) func(string) {
	return func(message string) { printNotice(w, "warning", message) }
}

// printNotice writes a line for people, without passwords that were typed into names.
func printNotice(w io.Writer, kind, message string) {
	fmt.Fprintf(w, "%s: %s\n", kind, output.Escape(reference.RedactUserinfoInText(message)))
}
