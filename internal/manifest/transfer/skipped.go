package transfer

import (
	"errors"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/store"
)

// SkippedLayersError reports that a registry refused an image with layers that were
// not copied, since they are not distributed by registries.
type SkippedLayersError struct {
	Layers []ocispec.Descriptor
	Err    error
}

func (e *SkippedLayersError) Error() string {
	count := "1 layer that is not distributed by registries, and was not copied"
	if n := len(e.Layers); n > 1 {
		count = fmt.Sprintf("%d layers that are not distributed by registries, and were not copied", n)
	}
	return fmt.Sprintf("%v; the image has %s: %s (%s)", e.Err, count, e.Layers[0].Digest, e.Layers[0].MediaType)
}

// Unwrap returns the registry's refusal.
func (e *SkippedLayersError) Unwrap() error { return e.Err }

// Hint says what the user can do.
func (e *SkippedLayersError) Hint() string {
	return "the registry requires these layers (foreign or non-distributable, as in Windows base images), or does not accept their urls: its operator can allow the urls, or use another registry"
}

// explainSkipped adds to a registry's refusal of an image which layers were not copied.
func explainSkipped(layers []ocispec.Descriptor, err error) error {
	if !errors.Is(err, store.ErrMissingContent) && !errors.Is(err, store.ErrRejected) {
		return err
	}
	var skipped []ocispec.Descriptor
	for _, d := range layers {
		if manifest.IsNonDistributable(d.MediaType) {
			skipped = append(skipped, d)
		}
	}
	if skipped == nil {
		return err
	}
	return &SkippedLayersError{skipped, err}
}
