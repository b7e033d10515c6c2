package cmd

import (
	"fmt"
	"io"

	"manifest-tool/internal/output"
	"manifest-tool/internal/store"
)

// clean takes the secrets of the run out of a text that a server may have had
// a say in, and passwords that were typed into names.
func (f *registryFlags) clean(text string) string {
	if f.redact != nil {
		text = f.redact(text)
	}
	return store.HideLogins(text)
}

// shown is clean for an error in a result, which has room for so much.
func (f *registryFlags) shown(text string) string { return bounded(f.clean(text)) }

// warner is warner for what servers may have had a say in.
func (f *registryFlags) warner(w io.Writer) func(string) {
	return func(message string) { tell(w, "warning", f.clean(message)) }
}

// warner returns what tells people something without stopping.
func warner(w io.Writer) func(string) {
	return func(message string) { tell(w, "warning", message) }
}

// tell writes a line for people, without passwords that were typed into names.
func tell(w io.Writer, kind, message string) {
	fmt.Fprintf(w, "%s: %s\n", kind, output.Escape(store.HideLogins(message)))
}
