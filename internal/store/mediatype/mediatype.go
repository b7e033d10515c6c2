// Package mediatype determines the media type of a manifest or an index from its bytes
// and its Content-Type. It rejects documents that other programs could read in another
// way.
package mediatype

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/types"

	"manifest-tool/internal/errtext"
)

// ErrNotAManifest is returned for a response that is neither a manifest nor an index,
// or cannot be read as one. Its hint depends on the response.
var ErrNotAManifest = errors.New("the response is not a manifest or an index")

// ErrSchema1 is returned for an image manifest of Docker's first kind, signed or
// not, which registries still serve for old images. It is only recognized. Source: Docker "Image Manifest Version 2, Schema 1", deprecated.
var ErrSchema1 = errtext.WithHint(errors.New("it is a Docker image manifest of schema 1, which is not supported"),
	"Docker has deprecated schema 1: pull the image and push it again with a current client")

// IsSchema1 reports whether a document is one of schema 1. The digest of a signed
// one is not that of its bytes, so this is checked before digests are compared.
func IsSchema1(raw []byte) bool {
	var doc struct {
		SchemaVersion int             `json:"schemaVersion"`
		FSLayers      json.RawMessage `json:"fsLayers"`
		Manifests     json.RawMessage `json:"manifests"`
		Layers        json.RawMessage `json:"layers"`
		Config        json.RawMessage `json:"config"`
	}
	return json.Unmarshal(raw, &doc) == nil && doc.SchemaVersion == 1 && doc.FSLayers != nil &&
		doc.Manifests == nil && doc.Layers == nil && doc.Config == nil
}

// Of returns the media type of a document; the error is ErrNotAManifest. The body decides; a body without
// mediaType has the type of its Content-Type if its fields are those of that type, or
// else, since only OCI makes mediaType optional, the OCI type that has its fields.
// A document that could be read both as a manifest and as an index is rejected (image-spec, "Manifest-list ambiguity", CVE-2021-41190).
func Of(contentType string, raw []byte) (string, error) {
	if !json.Valid(raw) || !bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{")) {
		return "", documentError(raw, "%w (Content-Type %q)", ErrNotAManifest, contentType)
	}
	doc, err := readDocument(raw)
	if err != nil {
		return "", documentError(raw, "%w: %w", ErrNotAManifest, err)
	}
	isIndex, isImage := doc.Manifests != nil, doc.Layers != nil || doc.Config != nil
	if isIndex && (isImage || doc.FSLayers != nil) {
		return "", documentError(raw, "%w: it has the fields of both", ErrNotAManifest)
	}
	header := OfHeader(contentType)
	if doc.MediaType != "" {
		return checkType(doc.MediaType, header, isIndex)
	}
	switch {
	case isManifestType(header):
		return checkType(header, header, isIndex)
	case isVendorType(header):
	case isIndex:
		return string(types.OCIImageIndex), nil
	case isImage:
		return string(types.OCIManifestSchema1), nil
	}
	return "", documentError(raw, "%w (Content-Type %q)", ErrNotAManifest, contentType)
}

// document has the fields by which a body is classified.
type document struct {
	MediaType string          `json:"mediaType"`
	Manifests json.RawMessage `json:"manifests"`
	Layers    json.RawMessage `json:"layers"`
	Config    json.RawMessage `json:"config"`
	FSLayers  json.RawMessage `json:"fsLayers"`
}

func readDocument(raw []byte) (doc document, err error) {
	if err := json.Unmarshal(raw, &doc); err != nil {
		return doc, errtext.DecodeError(raw, err)
	}
	return doc, checkKeys(raw)
}

// checkType returns the type that a body declares, unless header or fields
// contradict it.
func checkType(body, header string, isIndex bool) (string, error) {
	if isVendorType(header) && header != body {
		return "", errtext.WithHint(fmt.Errorf("%w: its mediaType is %q, its Content-Type %q", ErrNotAManifest, body, header),
			"it was pushed with a wrong Content-Type, or the registry or a proxy in front of it changed it: push it again with a current client")
	}
	if isManifestType(body) && types.MediaType(body).IsIndex() != isIndex {
		return "", errtext.WithHint(fmt.Errorf("%w: its fields are not those of its mediaType %q", ErrNotAManifest, body), ambiguousHint)
	}
	return body, nil
}

// OfHeader strips a Content-Type of its parameters. Of a list, which a proxy makes of
// two headers, it returns the one vendor type; two different ones are returned as they
// are, and contradict every body.
func OfHeader(contentType string) string {
	found := ""
	for item := range strings.SplitSeq(contentType, ",") {
		switch one := singleMediaType(item); {
		case !isVendorType(one) && found != "", one == found:
		case isVendorType(one) && isVendorType(found):
			return strings.ToLower(strings.TrimSpace(contentType))
		default:
			found = one
		}
	}
	return found
}

// singleMediaType is OfHeader without lists. Broken parameters are ignored.
func singleMediaType(contentType string) string {
	parsed, _, err := mime.ParseMediaType(contentType)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return strings.ToLower(strings.Trim(contentType, ` "`))
	}
	return parsed
}

// isVendorType reports whether a media type names one format. Others, such as
// application/json and text/plain, are too general to contradict a body.
func isVendorType(mediaType string) bool { return strings.HasPrefix(mediaType, "application/vnd.") }

// isManifestType reports whether a media type is one of the four that this tool
// assembles and reads.
func isManifestType(mediaType string) bool {
	t := types.MediaType(mediaType)
	return t == types.OCIImageIndex || t == types.DockerManifestList ||
		t == types.OCIManifestSchema1 || t == types.DockerManifestSchema2
}
