package push

import (
	"encoding/json"
	"fmt"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/store"
)

// IndexType says which kind of index is written.
type IndexType string

// The index types: auto follows the children, the others are forced
// (decision 7).
const (
	TypeAuto   IndexType = "auto"
	TypeDocker IndexType = "docker"
	TypeOCI    IndexType = "oci"
)

// ParseIndexType reads the value of --type; others than the three are an
// InputError.
func ParseIndexType(s string) (IndexType, error) {
	return manifest.ParseEnum("--type", s, TypeAuto, TypeDocker, TypeOCI)
}

// ociIndex, dockerList and dockerEntry have the fields in the order in which v2
// wrote them: the order is part of the digest.
type ociIndex struct {
	SchemaVersion int                 `json:"schemaVersion"`
	MediaType     string              `json:"mediaType"`
	ArtifactType  string              `json:"artifactType,omitempty"`
	Manifests     []entry             `json:"manifests"`
	Subject       *ocispec.Descriptor `json:"subject,omitempty"`
	Annotations   map[string]string   `json:"annotations,omitempty"`
}

type dockerList struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	Manifests     []json.RawMessage `json:"manifests"`
}

type dockerEntry struct {
	MediaType   string            `json:"mediaType"`
	Size        int64             `json:"size"`
	Digest      digest.Digest     `json:"digest"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Platform    ocispec.Platform  `json:"platform"`
}

// resolve settles an automatic type: a Docker list when every child is a
// Docker image and nothing needs an OCI index. It also returns the reason.
func (t IndexType) resolve(entries []entry, s spec.Spec) (IndexType, string) {
	switch {
	case t != TypeAuto:
		return t, "it was asked for"
	case len(s.Annotations) > 0:
		return TypeOCI, "the index has annotations"
	case s.ArtifactType != "":
		return TypeOCI, "the index has an artifact type"
	case s.Subject != "":
		return TypeOCI, "the index has a subject"
	}
	for _, e := range entries {
		if e.MediaType != manifest.MediaTypeDockerImage {
			return TypeOCI, fmt.Sprintf("%s is not a Docker image", e.source.Image)
		}
		if lost := lostInDockerList(e.Descriptor); lost != "" {
			return TypeOCI, fmt.Sprintf("a Docker list cannot store %s of %s", lost, e.source.Image)
		}
	}
	return TypeDocker, "all images are Docker images"
}

// encode returns the bytes of an index: two spaces of indent and no final
// newline, so that the same entries have the digest that v2 gave them.
func (t IndexType) encode(entries []entry, s spec.Spec, subject *ocispec.Descriptor) (store.Document, error) {
	mediaType, doc := ocispec.MediaTypeImageIndex, any(ociIndex{2, ocispec.MediaTypeImageIndex, s.ArtifactType, entries, subject, s.Annotations})
	if t == TypeDocker {
		list, err := toDockerList(entries)
		if err != nil {
			return store.Document{}, err
		}
		mediaType, doc = manifest.MediaTypeDockerList, list
	}
	raw, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return store.Document{}, err
	}
	desc := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(raw), Size: int64(len(raw))}
	return store.Document{Descriptor: desc, Raw: raw}, nil
}

// checkType rejects fields of the index that a forced type cannot carry.
func (t IndexType) checkType(s spec.Spec) error {
	var lost, key string
	switch {
	case t != TypeDocker:
		return nil
	case len(s.Annotations) > 0:
		lost, key = "annotations", spec.KeyAnnotations
	case s.ArtifactType != "":
		lost, key = "an artifact type", spec.KeyArtifactType
	case s.Subject != "":
		lost, key = "a subject", spec.KeySubject
	default:
		return nil
	}
	text := fmt.Sprintf("manifest list (Docker media type) does not support %s; use --type oci instead", lost) // v2's
	if at := s.At(key, 0); at != "" {
		text += " (" + at + ")"
	}
	return manifest.InputErrorf("%s", text)
}

func toDockerList(entries []entry) (dockerList, error) {
	list := dockerList{SchemaVersion: 2, MediaType: manifest.MediaTypeDockerList}
	for _, e := range entries {
		if lost := lostInDockerList(e.Descriptor); lost != "" {
			return list, &manifest.InputError{
				Err:      fmt.Errorf("manifest list (Docker media type) cannot store %s of %s", lost, e.Digest),
				HintText: "use --type oci instead",
			}
		}
		raw, err := e.withFields(dockerEntry{e.MediaType, e.Size, e.Digest, e.Annotations, *e.Platform})
		if err != nil {
			return list, err
		}
		list.Manifests = append(list.Manifests, raw)
	}
	return list, nil
}

// lostInDockerList names what a Docker list would lose of an entry.
func lostInDockerList(d ocispec.Descriptor) string {
	switch {
	case d.Platform == nil:
		return "the missing platform"
	case len(d.URLs) > 0:
		return "the urls"
	case len(d.Data) > 0:
		return "the embedded data"
	case d.ArtifactType != "":
		return "the artifact type"
	}
	return ""
}
