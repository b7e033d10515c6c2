package transfer

import (
	"context"
	"errors"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// SkippedLayersError reports that a registry refused an image with layers that are not
// distributed by registries.
type SkippedLayersError struct {
	Layers []ocispec.Descriptor
	// Copied is set if the layers were copied nevertheless.
	Copied bool
	// Missing is set if the layers could not be copied, since the source does not
	// have them.
	Missing bool
	Err     error
}

func (e *SkippedLayersError) Error() string {
	count, not, them := "1 layer that is not distributed by registries, and was", " not", "it"
	if n := len(e.Layers); n > 1 {
		count, them = fmt.Sprintf("%d layers that are not distributed by registries, and were", n), "them"
	}
	if e.Copied {
		not = ""
	}
	count += not + " copied"
	if e.Missing {
		count += ", since the source of the image lacks " + them
	}
	return fmt.Sprintf("%v; the image has %s: %s (%s)", e.Err, count, e.Layers[0].Digest, e.Layers[0].MediaType)
}

// Unwrap returns the registry's refusal.
func (e *SkippedLayersError) Unwrap() error { return e.Err }

// Hint says what the user can do.
func (e *SkippedLayersError) Hint() string {
	if e.Missing {
		return "push the image from a place that has these layers (foreign or non-distributable, as in Windows base images), or to a registry that accepts their urls"
	}
	if e.Copied {
		return "the registry may not accept the urls of these layers (foreign or non-distributable, as in Windows base images): its operator can allow them, or use another registry"
	}
	return "the registry requires these layers (foreign or non-distributable, as in Windows base images), or does not accept their urls: --allow-nondistributable copies them if their license permits it"
}

// explainSkipped adds to a registry's refusal of an image which layers were not copied.
func (c *Copier) explainSkipped(layers []ocispec.Descriptor, err error) error {
	if !errors.Is(err, store.ErrMissingContent) && !errors.Is(err, store.ErrRejected) {
		return err
	}
	var skipped, missing []ocispec.Descriptor
	for _, d := range layers {
		if !manifest.IsNonDistributable(d.MediaType) {
			continue
		}
		skipped = append(skipped, d)
		if _, gone := c.missing.Load(d.Digest); gone {
			missing = append(missing, d)
		}
	}
	switch {
	case missing != nil:
		return &SkippedLayersError{Layers: missing, Missing: true, Err: err}
	case skipped != nil:
		return &SkippedLayersError{Layers: skipped, Copied: c.NonDistributable, Err: err}
	}
	return err
}

// copyNonDistributable copies a layer that is most often not in its registry. Its urls
// are never requested.
func (c *Copier) copyNonDistributable(ctx context.Context, from reference.Ref, d ocispec.Descriptor) error {
	err := c.copyBlob(ctx, from, d, nil)
	if errors.Is(err, store.ErrNotFound) && c.Skip != nil {
		c.missing.Store(d.Digest, true)
		return c.Skip(fmt.Errorf("the non-distributable layer %s is not copied, since %s does not have it: %w", d.Digest, from, err))
	}
	return err
}

// HasAllNonDistributable reports whether a repository has all non-distributable layers of
// the images in copies.
func HasAllNonDistributable(ctx context.Context, w manifest.Writer, at reference.Ref, copies []Copy) bool {
	for _, one := range copies {
		if manifest.IsIndex(one.Document.Descriptor.MediaType) {
			continue
		}
		m, err := manifest.ParseManifest(one.Document.Raw)
		if err != nil {
			return false
		}
		for _, d := range m.Layers {
			if !manifest.IsNonDistributable(d.MediaType) {
				continue
			}
			if _, err := w.HeadBlob(ctx, at, d); err != nil {
				return false
			}
		}
	}
	return true
}
