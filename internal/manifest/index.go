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
	if IsArtifact(i.Manifest) {
		return KindArtifact
	}
	return KindImage
}

// CountMissing returns how many entries, or configs of entries, the registry no
// longer has, nested indexes included. A nil index has none.
func (x *Index) CountMissing() int {
	if x == nil {
		return 0
	}
	n := 0
	for _, e := range x.Entries {
		if e.Missing || e.ConfigMissing {
			n++
		}
		n += e.Index.CountMissing()
	}
	return n
}

// Count returns how many entries there are, nested ones included. A nil index
// has none.
func (x *Index) Count() int {
	if x == nil {
		return 0
	}
	n := len(x.Entries)
	for _, e := range x.Entries {
		n += e.Index.Count()
	}
	return n
}
