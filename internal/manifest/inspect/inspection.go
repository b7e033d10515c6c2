package inspect

import (
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
)

// Inspection is what Inspect found under one reference. Exactly one of Index
// and Image is set.
type Inspection struct {
	// Name is the reference as the user typed it.
	Name string
	// Descriptor holds media type, digest and size (bytes) of Raw.
	Descriptor ocispec.Descriptor
	// Raw holds the exact bytes the registry sent.
	Raw   []byte
	Index *manifest.Index
	Image *manifest.Image
	// Referrers are what was found to belong to the document, when it was
	// asked for.
	Referrers []Referrer
}

// MissingCount returns how many entries, or configs of entries, the registry
// no longer has.
func (in Inspection) MissingCount() int { return in.Index.CountMissing() }

// MismatchCount returns how many entries have a manifest of another size or type
// than they say.
func (in Inspection) MismatchCount() int { return in.Index.CountMismatching() }

// Count returns how many entries there are below in, nested ones included.
func (in Inspection) Count() int { return in.Index.Count() }
