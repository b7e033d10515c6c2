package manifest

import (
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Index is a parsed index or Docker list; the fetched bytes stay beside it
// and remain the truth.
type Index struct {
	SchemaVersion int
	// MediaType is what the body says; empty where an OCI index omits it.
	MediaType    string
	ArtifactType string
	Subject      *ocispec.Descriptor
	Entries      []Entry
	Annotations  map[string]string
}

// Image is a single image: its manifest and its config.
type Image struct {
	Manifest ocispec.Manifest
	Config   ocispec.Image
}

// Kind is artifact or image.
func (i Image) Kind() Kind {
	if isArtifact(i.Manifest) {
		return KindArtifact
	}
	return KindImage
}

// Inspection is what Inspect found under one reference. Exactly one of Index
// and Image is set.
type Inspection struct {
	// Name is the reference as the user typed it.
	Name string
	// Descriptor holds media type, digest and size (bytes) of Raw.
	Descriptor ocispec.Descriptor
	// Raw holds the exact bytes the registry sent.
	Raw   []byte
	Index *Index
	Image *Image
	// Referrers are what was found to belong to the document, when it was
	// asked for.
	Referrers []Referrer
}

// MissingCount returns how many entries, or configs of entries, the registry
// no longer has.
func (in Inspection) MissingCount() int { return in.Index.countMissing() }

func (x *Index) countMissing() int {
	if x == nil {
		return 0
	}
	n := 0
	for _, e := range x.Entries {
		if e.Missing || e.ConfigMissing {
			n++
		}
		n += e.Index.countMissing()
	}
	return n
}

// Count returns how many entries there are below in, nested ones included.
func (in Inspection) Count() int { return in.Index.count() }

func (x *Index) count() int {
	if x == nil {
		return 0
	}
	n := len(x.Entries)
	for _, e := range x.Entries {
		n += e.Index.count()
	}
	return n
}
