package manifest

import (
	"cmp"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/platform"
)

// Annotations by which BuildKit marks the attestation entries of an index.
// Source: BuildKit's attestation storage format.
const (
	AnnotationReferenceType   = "vnd.docker.reference.type"
	AnnotationReferenceDigest = "vnd.docker.reference.digest"
	AttestationManifest       = "attestation-manifest"
)

// annotationPredicate is the annotation with the predicate type of a layer of
// an attestation. Source: in-toto attestation bundles, BuildKit's storage format.
const annotationPredicate = "in-toto.io/predicate-type"

// Kind is the kind of an entry of an index, or of a document.
type Kind string

// The kinds. An artifact has the form of an image manifest but is not an image
// (image-spec, "Guidelines for Artifact Usage"); unknown is any media type that
// is neither manifest nor index.
const (
	KindImage       Kind = "image"
	KindIndex       Kind = "index"
	KindAttestation Kind = "attestation"
	KindArtifact    Kind = "artifact"
	KindUnknown     Kind = "unknown"
)

// Entry is one descriptor of an index, with the manifest it names if that was read.
type Entry struct {
	Descriptor ocispec.Descriptor
	// Filtered is set for the entries that --platform leaves out; they are not
	// read.
	Filtered bool
	// Missing is set if the registry has no such manifest.
	Missing bool
	// Mismatch says how the manifest differs from the entry in size or media
	// type; "" if it does not.
	Mismatch string
	// Manifest is the child if it is an image manifest.
	Manifest *ocispec.Manifest
	// Index is the child if it is an index. If several entries name the same
	// index, the first of them has it and Repeated is set for the others.
	Index    *Index
	Repeated bool
	// Config is the child's config if it was requested; ConfigMissing is set if
	// the registry does not have it.
	Config        *ocispec.Image
	ConfigMissing bool
}

// IsImage reports whether the entry points at an image manifest, by its
// declared media type.
func (e Entry) IsImage() bool { return IsImage(e.Descriptor.MediaType) }

// IsIndex reports whether the entry points at an index, by its declared media
// type.
func (e Entry) IsIndex() bool { return IsIndex(e.Descriptor.MediaType) }

// IsAttestation reports whether the entry is a BuildKit attestation.
func (e Entry) IsAttestation() bool { return IsAttestation(e.Descriptor) }

// IsUnsupported reports whether the entry's digest algorithm is unsupported, so
// that its manifest cannot be verified.
func (e Entry) IsUnsupported() bool { return HasUnsupportedDigest(e.Descriptor) }

// IsTooDeep reports whether the entry is an index that was not read because it
// is nested too deep.
func (e Entry) IsTooDeep() bool {
	return !e.Missing && e.Mismatch == "" && !e.Filtered && !e.Repeated && e.Manifest == nil && e.Index == nil && IsFetchable(e.Descriptor)
}

// Kind returns the kind of the entry, from its manifest if that was read.
func (e Entry) Kind() Kind {
	kind := KindOf(e.Descriptor)
	if kind == KindImage && e.Manifest != nil && IsArtifact(*e.Manifest) {
		return KindArtifact
	}
	return kind
}

// KindOf returns the kind of an entry by its descriptor alone.
func KindOf(d ocispec.Descriptor) Kind {
	switch {
	case IsAttestation(d):
		return KindAttestation
	case IsIndex(d.MediaType):
		return KindIndex
	case !IsImage(d.MediaType):
		return KindUnknown
	case IsArtifactType(d.ArtifactType):
		return KindArtifact
	}
	return KindImage
}

// AttestedDigest returns the digest that an attestation is about, "" for other
// entries.
func (e Entry) AttestedDigest() digest.Digest {
	if !e.IsAttestation() {
		return ""
	}
	return digest.Digest(e.Descriptor.Annotations[AnnotationReferenceDigest])
}

// PredicateTypes returns the predicate types of an attestation, each once, in
// the order of its layers.
func (e Entry) PredicateTypes() []string {
	if !e.IsAttestation() || e.Manifest == nil {
		return nil
	}
	var types []string
	for _, l := range e.Manifest.Layers {
		if p := l.Annotations[annotationPredicate]; p != "" && !slices.Contains(types, p) {
			types = append(types, p)
		}
	}
	return types
}

// ArtifactType returns the artifact type that the entry or its manifest
// declares, "" for an image.
func (e Entry) ArtifactType() string {
	if e.Descriptor.ArtifactType != "" || e.Manifest == nil {
		return e.Descriptor.ArtifactType
	}
	return ArtifactType(*e.Manifest)
}

// ArtifactType returns the declared type of an artifact, or the media type of
// its config (image-spec, "Guidelines for Artifact Usage"); "" for an image.
func ArtifactType(m ocispec.Manifest) string {
	if !IsArtifact(m) {
		return ""
	}
	return cmp.Or(m.ArtifactType, m.Config.MediaType)
}

// IsArtifact reports whether a manifest is an artifact, not an image.
func IsArtifact(m ocispec.Manifest) bool {
	return IsArtifactType(m.ArtifactType) || !IsConfig(m.Config.MediaType)
}

// IsArtifactType reports whether an artifactType is that of an artifact. crane writes
// the type of the config there, for images as well.
func IsArtifactType(mediaType string) bool { return mediaType != "" && !IsConfig(mediaType) }

// IsAttestation reports whether an entry is an attestation as BuildKit marks
// them.
func IsAttestation(d ocispec.Descriptor) bool {
	return d.Annotations[AnnotationReferenceType] == AttestationManifest
}

// IsUnknownPlatform reports whether an entry declares no platform, or
// unknown/unknown as attestations do.
func IsUnknownPlatform(p *platform.Platform) bool {
	return p == nil || p.OS == "unknown" && p.Architecture == "unknown"
}

// IsFetchable reports whether a descriptor names a manifest or index that can be
// read and verified.
func IsFetchable(d ocispec.Descriptor) bool {
	return (IsImage(d.MediaType) || IsIndex(d.MediaType)) && !HasUnsupportedDigest(d)
}
