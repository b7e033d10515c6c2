package push

import (
	"encoding/json"
	"fmt"

	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
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

// dockerList and dockerEntry have the fields of Docker's "manifest list" in
// the order in which v2 wrote them: the order is part of the
// digest.
type dockerList struct {
	SchemaVersion int           `json:"schemaVersion"`
	MediaType     string        `json:"mediaType"`
	Manifests     []dockerEntry `json:"manifests"`
}

type dockerEntry struct {
	MediaType   string            `json:"mediaType"`
	Size        int64             `json:"size"`
	Digest      digest.Digest     `json:"digest"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Platform    ocispec.Platform  `json:"platform"`
}

// resolve settles an automatic type: a Docker list when every child is a
// Docker image and nothing needs an OCI index.
func (t IndexType) resolve(entries []ocispec.Descriptor, annotations map[string]string) IndexType {
	if t != TypeAuto {
		return t
	}
	if len(annotations) > 0 {
		return TypeOCI
	}
	for _, d := range entries {
		if d.MediaType != manifest.MediaTypeDockerImage || lostInDockerList(d) != "" {
			return TypeOCI
		}
	}
	return TypeDocker
}

// encode returns the bytes of an index: two spaces of indent and no final
// newline, so that the same entries have the digest that v2 gave them.
func (t IndexType) encode(entries []ocispec.Descriptor, annotations map[string]string) (store.Document, error) {
	mediaType, doc := ocispec.MediaTypeImageIndex, any(ociIndex(entries, annotations))
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

func ociIndex(entries []ocispec.Descriptor, annotations map[string]string) ocispec.Index {
	return ocispec.Index{
		Versioned:   specs.Versioned{SchemaVersion: 2},
		MediaType:   ocispec.MediaTypeImageIndex,
		Manifests:   entries,
		Annotations: annotations,
	}
}

func toDockerList(entries []ocispec.Descriptor) (dockerList, error) {
	list := dockerList{SchemaVersion: 2, MediaType: manifest.MediaTypeDockerList}
	for _, d := range entries {
		if lost := lostInDockerList(d); lost != "" {
			return list, &manifest.InputError{
				Err:      fmt.Errorf("manifest list (Docker media type) cannot carry %s of %s", lost, d.Digest),
				HintText: "use --type oci instead",
			}
		}
		list.Manifests = append(list.Manifests, dockerEntry{d.MediaType, d.Size, d.Digest, d.Annotations, *d.Platform})
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
