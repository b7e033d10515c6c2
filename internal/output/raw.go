package output

import (
	"encoding/json"
	"fmt"

	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
)

// rawIndex is `inspect --raw` of an index. The predecessor puts the whole
// child manifests in the place of their descriptors.
type rawIndex struct {
	Name          string            `json:"name"`
	Digest        digest.Digest     `json:"digest"`
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType,omitempty"`
	Manifests     []any             `json:"manifests"` // *ocispec.Manifest or absentChild
	Annotations   map[string]string `json:"annotations,omitempty"`
}

// absentChild stands for a child that the registry no longer has, or whose
// kind of digest is not supported.
type absentChild struct {
	Missing     bool              `json:"missing,omitempty"`
	Unsupported bool              `json:"unsupported,omitempty"`
	MediaType   string            `json:"mediaType"`
	Digest      digest.Digest     `json:"digest"`
	Size        int64             `json:"size"`
	Platform    *ocispec.Platform `json:"platform,omitempty"`
}

// rawImage is `inspect --raw` of an image: the manifest's own fields follow.
type rawImage struct {
	Name         string        `json:"name"`
	Digest       digest.Digest `json:"digest"`
	OS           string        `json:"os,omitempty"`
	Architecture string        `json:"architecture,omitempty"`
	ocispec.Manifest
}

// rawExpanded is `inspect --raw --expand-config` of an image: the config
// itself stands in the place of its descriptor.
type rawExpanded struct {
	SchemaVersion int                  `json:"schemaVersion"`
	Name          string               `json:"name"`
	Digest        digest.Digest        `json:"digest"`
	OS            string               `json:"os,omitempty"`
	Architecture  string               `json:"architecture,omitempty"`
	MediaType     string               `json:"mediaType,omitempty"`
	Config        ocispec.Image        `json:"config"`
	Layers        []ocispec.Descriptor `json:"layers"`
	Subject       *ocispec.Descriptor  `json:"subject,omitempty"`
	Annotations   map[string]string    `json:"annotations,omitempty"`
}

// Raw writes the JSON of `inspect --raw`, in the predecessor's shape.
// expandConfig shows an image's config in full and does nothing for an index.
// An index with a child that is no image manifest is an error, and nothing is
// written.
func (p Printer) Raw(in manifest.Inspection, expandConfig bool) error {
	value, err := rawValue(in, expandConfig)
	if err != nil {
		return fmt.Errorf("error while generating raw JSON output: %w", err)
	}
	data, err := encode(value)
	if err != nil {
		return fmt.Errorf("error while generating raw JSON output: %w", err)
	}
	return p.write(data)
}

func rawValue(in manifest.Inspection, expandConfig bool) (any, error) {
	switch {
	case in.Index != nil:
		return newRawIndex(in)
	case in.Image == nil:
		return nil, fmt.Errorf("%q is neither an index nor an image", in.Name)
	case expandConfig:
		return newRawExpanded(in), nil
	}
	config := in.Image.Config
	return rawImage{in.Name, in.Descriptor.Digest, config.OS, config.Architecture, in.Image.Manifest}, nil
}

func newRawIndex(in manifest.Inspection) (rawIndex, error) {
	raw := rawIndex{
		Name:          in.Name,
		Digest:        in.Descriptor.Digest,
		SchemaVersion: in.Index.SchemaVersion,
		MediaType:     in.Index.MediaType,
		Manifests:     make([]any, 0, len(in.Index.Entries)),
		Annotations:   in.Index.Annotations,
	}
	for _, e := range in.Index.Entries {
		d := e.Descriptor
		switch {
		case e.Missing, e.IsUnsupported():
			raw.Manifests = append(raw.Manifests, absentChild{e.Missing, !e.Missing, d.MediaType, d.Digest, d.Size, d.Platform})
		case !e.IsImage():
			return rawIndex{}, fmt.Errorf("unknown media type for further display: %s", Escape(d.MediaType))
		case e.Manifest == nil:
			return rawIndex{}, fmt.Errorf("the manifest of entry %q was not read", d.Digest)
		default:
			raw.Manifests = append(raw.Manifests, e.Manifest)
		}
	}
	return raw, nil
}

func newRawExpanded(in manifest.Inspection) rawExpanded {
	m, config := in.Image.Manifest, in.Image.Config
	return rawExpanded{
		SchemaVersion: m.SchemaVersion,
		Name:          in.Name,
		Digest:        in.Descriptor.Digest,
		OS:            config.OS,
		Architecture:  config.Architecture,
		MediaType:     m.MediaType,
		Config:        config,
		Layers:        m.Layers,
		Subject:       m.Subject,
		Annotations:   m.Annotations,
	}
}

// encode renders JSON for a terminal: the standard encoder escapes C0, and
// what else Escape knows follows. In valid JSON such a rune can only stand
// inside a string.
func encode(value any) ([]byte, error) {
	data, err := json.MarshalIndent(value, "", "    ")
	if err != nil {
		return nil, err
	}
	return escapeQuoted(append(data, '\n')), nil
}
