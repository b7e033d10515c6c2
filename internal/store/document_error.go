package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"manifest-tool/internal/errtext"
)

// ambiguousHint is the hint for a document that could be read in two ways.
const ambiguousHint = "a document that can be read in two ways, or only in part, is not used: push the image again with a current client"

// documentError is fmt.Errorf with the hint for a response that cannot be used.
func documentError(raw []byte, format string, args ...any) error {
	return errtext.WithHint(fmt.Errorf(format, args...), documentHint(raw))
}

// documentHint distinguishes a document of a registry from the response of another web
// server: a captive portal's page, a parked domain, a broken proxy.
func documentHint(raw []byte) string {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(raw, &fields)
	has := func(keys ...string) bool {
		for _, key := range keys {
			if fields[key] != nil {
				return true
			}
		}
		return false
	}
	switch {
	case has("manifests", "layers", "config", "fsLayers"):
		return ambiguousHint
	case has("schemaVersion", "mediaType"):
		return "it has none of the fields of an image or an index: check the name and the tag"
	}
	return "is this host a registry? a proxy, a login page or another web server may be responding"
}

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
func (e *listFormError) Unwrap() []error { return []error{ErrNotAManifest, e.err} }

// listError adds the hint to a *listFormError.
func listError(raw []byte, err *listFormError) error {
	if json.Valid(raw) {
		return errtext.WithHint(err, "the registry, or a proxy in front of it, does not list in the form of the distribution specification: its operator has to correct it")
	}
	return errtext.WithHint(err, documentHint(raw))
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
