package manifest

import (
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Annotations by which BuildKit marks the attestation entries of an index.
// Source: BuildKit's attestation storage format.
const (
	AnnotationReferenceType   = "vnd.docker.reference.type"
	AnnotationReferenceDigest = "vnd.docker.reference.digest"
	attestationManifest       = "attestation-manifest"
)

// Index is a parsed index or Docker list; the fetched bytes stay beside it
// and remain the truth.
type Index struct {
	SchemaVersion int
	// MediaType is what the body says; empty where an OCI index omits it.
	MediaType   string
	Entries     []Entry
	Annotations map[string]string
}

// Entry is one descriptor of an index and what was found behind it.
type Entry struct {
	Descriptor ocispec.Descriptor
	// Missing is set when the registry answered that it has no such manifest.
	Missing bool
	// Manifest is the child, when it is an image manifest that was found.
	Manifest *ocispec.Manifest
}

// IsImage reports whether the entry points at an image manifest, by its
// declared media type.
func (e Entry) IsImage() bool { return isImage(e.Descriptor.MediaType) }

// IsAttestation reports whether the entry is a BuildKit attestation.
func (e Entry) IsAttestation() bool { return isAttestation(e.Descriptor) }

// IsUnsupported reports whether the entry's digest is of an algorithm that this
// tool does not know, so that what it points at cannot be verified.
func (e Entry) IsUnsupported() bool { return isUnsupported(e.Descriptor) }

// Image is a single image: its manifest and its config.
type Image struct {
	Manifest ocispec.Manifest
	Config   ocispec.Image
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
}

// MissingCount returns how many entries the registry no longer has.
func (in Inspection) MissingCount() int {
	if in.Index == nil {
		return 0
	}
	n := 0
	for _, e := range in.Index.Entries {
		if e.Missing {
			n++
		}
	}
	return n
}

func isAttestation(d ocispec.Descriptor) bool {
	return d.Annotations[AnnotationReferenceType] == attestationManifest
}
