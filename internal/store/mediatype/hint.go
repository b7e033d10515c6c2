package mediatype

import (
	"encoding/json"
	"fmt"

	"manifest-tool/internal/errtext"
)

// ambiguousHint is the hint for a document that could be read in two ways.
const ambiguousHint = "a document that can be read in two ways, or only in part, is not used: push the image again with a current client"

// documentError is fmt.Errorf with the hint for a response that cannot be used.
func documentError(raw []byte, format string, args ...any) error {
	return errtext.WithHint(fmt.Errorf(format, args...), Hint(raw))
}

// Hint returns the hint for a document that cannot be used. It distinguishes a document of a registry from the response of another web
// server: a captive portal's page, a parked domain, a broken proxy.
func Hint(raw []byte) string {
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
