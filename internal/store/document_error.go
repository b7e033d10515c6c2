package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/store/mediatype"
)

// listFormError is ErrNotAManifest for a list of tags or referrers.
type listFormError struct {
	list string
	// err is why the response cannot be decoded, nil for JSON of another form.
	err error
}

// Error names the kind of list.
func (e *listFormError) Error() string {
	if e.err == nil {
		return "the response is not a list of " + e.list
	}
	return fmt.Sprintf("the response is not a list of %s: %v", e.list, e.err)
}

// Unwrap returns both the kind of the error and its cause.
func (e *listFormError) Unwrap() []error { return []error{mediatype.ErrNotAManifest, e.err} }

// listError adds the hint to a *listFormError.
func listError(raw []byte, err *listFormError) error {
	if json.Valid(raw) {
		return errtext.WithHint(err, "the registry, or a proxy in front of it, does not list in the form of the distribution specification: its operator has to correct it")
	}
	return errtext.WithHint(err, mediatype.Hint(raw))
}

// layoutDocumentError is ErrNotAManifest for a layout or an archive, where no host is
// involved.
type layoutDocumentError struct {
	// Storage is what holds the document: layout or archive.
	Storage string
	Err     error
}

// Error is in the words for a file.
func (e *layoutDocumentError) Error() string {
	words := strings.NewReplacer("the response is not", "it is not", ` (Content-Type "")`, "", "its Content-Type", "that of the entry in index.json", "Content-Type", "media type in index.json:")
	return words.Replace(e.Err.Error())
}

// Is takes the place of Unwrap: the hints of a document are about registries.
func (e *layoutDocumentError) Is(target error) bool { return errors.Is(e.Err, target) }

// Hint says what the user can do.
func (e *layoutDocumentError) Hint() string {
	return fmt.Sprintf("the %s is damaged, or this entry is not an image: write the %s again with the program that made it", e.Storage, e.Storage)
}
