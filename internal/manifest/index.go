package manifest

import (
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Index is a parsed OCI index or Docker manifest list.
type Index struct {
	SchemaVersion int
	// MediaType is the one in the body, which an OCI index may omit.
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

// Kind returns KindArtifact or KindImage.
func (i Image) Kind() Kind {
	if IsArtifact(i.Manifest) {
		return KindArtifact
	}
	return KindImage
}

// CountMissing returns the number of entries whose manifest or config is
// missing, including those of nested indexes. A nil index has none.
func (x *Index) CountMissing() int {
	return x.count(func(e Entry) bool { return e.Missing || e.ConfigMissing })
}

// CountMismatching returns the number of entries whose manifest differs from them in
// size or media type, including those of nested indexes.
func (x *Index) CountMismatching() int {
	return x.count(func(e Entry) bool { return e.Mismatch != "" })
}

// Count returns the number of entries, including those of nested indexes. A nil
// index has none.
func (x *Index) Count() int { return x.count(func(Entry) bool { return true }) }

func (x *Index) count(has func(Entry) bool) int {
	if x == nil {
		return 0
	}
	n := 0
	for _, e := range x.Entries {
		if has(e) {
			n++
		}
		n += e.Index.count(has)
	}
	return n
}
