package store

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	ggcr "github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"manifest-tool/internal/errtext"
)

// putError is writeError for manifests and tags.
func putError(what fmt.Stringer, mediaType string, err error) error {
	err = writeError(what, err)
	switch code := status(err); {
	case IsBlobUnknown(err), hasCode(err, ggcr.ManifestUnknownErrorCode), code == http.StatusNotFound:
		return errtext.WithHint(fmt.Errorf("%w: %w", ErrMissingContent, err),
			"the registry does not have all that the manifest names, although it was sent or is there already: try again; if it happens again, ask the registry's operator")
	case hasCode(err, ggcr.ManifestInvalidErrorCode), code == http.StatusUnsupportedMediaType:
		return mediaTypeError(mediaType, err)
	case code == http.StatusBadRequest, code == http.StatusForbidden, code == http.StatusConflict,
		code == http.StatusPreconditionFailed, code == http.StatusMethodNotAllowed, code == http.StatusUnprocessableEntity:
		return fmt.Errorf("%w: %w", ErrRejected, err)
	}
	return err
}

// mediaTypeError is ErrMediaType for a manifest. Registries use MANIFEST_INVALID for
// other refusals as well (Artifactory: immutable tags, overload), and give the reason
// in the detail; --type changes only the index.
func mediaTypeError(mediaType string, err error) error {
	isIndex := types.MediaType(mediaType).IsIndex()
	if statesReason(err) && status(err) != http.StatusUnsupportedMediaType {
		hint := "the message above has the registry's reason; if it is not clear, ask the registry's operator"
		if isIndex {
			hint += "; if it is about the type of the index, --type docker or --type oci makes one of the other type"
		}
		return errtext.WithHint(fmt.Errorf("%w: %w", ErrRejected, err), hint)
	}
	err = fmt.Errorf("%w, %s: %w", ErrMediaType, mediaType, err)
	if !isIndex {
		return errtext.WithHint(err, "images are copied unchanged, so --type has no effect on this: the registry may not accept images of this type; convert the image, or use another registry")
	}
	return errtext.WithHint(err, "the registry may not accept an index of this type: --type docker or --type oci makes one of the other type")
}

// statesReason reports whether the detail of a registry's error says why.
func statesReason(err error) bool {
	var answer *ggcr.Error
	return errors.As(err, &answer) && slices.ContainsFunc(answer.Errors, func(d ggcr.Diagnostic) bool {
		text, _ := d.Detail.(string)
		return text != ""
	})
}
