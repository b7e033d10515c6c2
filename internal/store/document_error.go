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

// listError is ErrNotAManifest for a list of tags or referrers.
func listError(raw []byte, format string, args ...any) error {
	if json.Valid(raw) {
		return errtext.WithHint(fmt.Errorf(format, args...), "the registry, or a proxy in front of it, does not list in the form of the distribution specification: its operator has to correct it")
	}
	return documentError(raw, format, args...)
}

// layoutDocumentError is ErrNotAManifest for a layout, where no host is involved.
type layoutDocumentError struct{ Err error }

// Error is in the words for a file.
func (e *layoutDocumentError) Error() string {
	words := strings.NewReplacer("the response is not", "it is not", ` (Content-Type "")`, "", "its Content-Type", "that of the entry in index.json", "Content-Type", "media type in index.json:")
	return words.Replace(e.Err.Error())
}

// Is takes the place of Unwrap: the hints of a document are about registries.
func (e *layoutDocumentError) Is(target error) bool { return errors.Is(e.Err, target) }

// Hint says what the user can do.
func (e *layoutDocumentError) Hint() string {
	return "the layout is damaged, or this entry is not an image: write the layout again with the program that made it"
}
