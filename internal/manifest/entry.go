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

// annotationPredicate names, on a layer of an attestation, what the layer
// states. Source: in-toto attestation bundles, BuildKit's storage format.
const annotationPredicate = "in-toto.io/predicate-type"

// Kind says what an entry of an index, or a whole document, is for.
type Kind string

// The kinds. An artifact is an image manifest by its form and no image by what
// it holds (image-spec, "Guidelines for Artifact Usage"); unknown is any media
// type that is neither manifest nor index.
const (
	KindImage       Kind = "image"
	KindIndex       Kind = "index"
	KindAttestation Kind = "attestation"
	KindArtifact    Kind = "artifact"
	KindUnknown     Kind = "unknown"
)

// Entry is one descriptor of an index and what was found behind it.
type Entry struct {
	Descriptor ocispec.Descriptor
	// Filtered is set for the entries that --platform leaves out. Nothing was
	// read of them.
	Filtered bool
	// Missing is set when the registry answered that it has no such manifest.
	Missing bool
	// Manifest is the child, when it is an image manifest that was found.
	Manifest *ocispec.Manifest
	// Index is the child, when it is an index that was found. An index that
	// several entries name has its entries below the first of them, Repeated is
	// set for the others.
	Index      *Index
	SeenBefore bool
	// Config is the child's config, when it was asked for and found;
	// ConfigMissing is set when the registry has none.
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

// IsUnsupported reports whether the entry's digest is of an algorithm that this
// tool does not know, so that what it points at cannot be verified.
func (e Entry) IsUnsupported() bool { return HasUnknownDigest(e.Descriptor) }

// IsTooDeep reports whether a manifest or index was left unread although
// nothing is wrong with it: it is nested too deep.
func (e Entry) IsTooDeep() bool {
	return !e.Missing && !e.Filtered && !e.SeenBefore && e.Manifest == nil && e.Index == nil && IsFetchable(e.Descriptor)
}

// Kind tells what the entry is, as far as it is known.
func (e Entry) Kind() Kind {
	kind := KindOfDescriptor(e.Descriptor)
	if kind == KindImage && e.Manifest != nil && IsArtifact(*e.Manifest) {
		return KindArtifact
	}
	return kind
}

// kindOfDescriptor tells what an entry is by what the index says about it.
func KindOfDescriptor(d ocispec.Descriptor) Kind {
	switch {
	case IsAttestation(d):
		return KindAttestation
	case IsIndex(d.MediaType):
		return KindIndex
	case !IsImage(d.MediaType):
		return KindUnknown
	case d.ArtifactType != "":
		return KindArtifact
	}
	return KindImage
}

// AttestedDigest is the digest an attestation is about, "" for other entries.
func (e Entry) AttestedDigest() digest.Digest {
	if !e.IsAttestation() {
		return ""
	}
	return digest.Digest(e.Descriptor.Annotations[AnnotationReferenceDigest])
}

// PredicateTypes lists what an attestation states, each once, in the order of
// its layers.
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

// ArtifactType is the type that the entry or its manifest declares, "" for an
// image.
func (e Entry) ArtifactType() string {
	if e.Descriptor.ArtifactType != "" || e.Manifest == nil {
		return e.Descriptor.ArtifactType
	}
	return ArtifactType(*e.Manifest)
}

// artifactType is the declared type of an artifact, else that of its config
// (image-spec, "Guidelines for Artifact Usage"); "" for an image.
func ArtifactType(m ocispec.Manifest) string {
	if !IsArtifact(m) {
		return ""
	}
	return cmp.Or(m.ArtifactType, m.Config.MediaType)
}

func IsArtifact(m ocispec.Manifest) bool {
	return m.ArtifactType != "" || !IsConfig(m.Config.MediaType)
}

func IsAttestation(d ocispec.Descriptor) bool {
	return d.Annotations[AnnotationReferenceType] == AttestationManifest
}

// hasNoPlatform reports whether an entry promises no platform: it declares none, or
// unknown/unknown, as attestations do.
func HasNoPlatform(p *platform.Platform) bool {
	return p == nil || p.OS == "unknown" && p.Architecture == "unknown"
}

// isFetchable reports whether what a descriptor names can be read and verified.
func IsFetchable(d ocispec.Descriptor) bool {
	return (IsImage(d.MediaType) || IsIndex(d.MediaType)) && !HasUnknownDigest(d)
}
