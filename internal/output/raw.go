package output

import (
	"bytes"
	"fmt"
	"maps"

	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
)

// rawIndex is `inspect --raw` of an index. manifest-tool v2 replaces the descriptors
// by the child manifests; here the fields of the descriptors are added to them.
type rawIndex struct {
	Name          string              `json:"name"`
	Digest        digest.Digest       `json:"digest"`
	SchemaVersion int                 `json:"schemaVersion"`
	MediaType     string              `json:"mediaType,omitempty"`
	ArtifactType  string              `json:"artifactType,omitempty"`
	Manifests     []any               `json:"manifests"` // rawChild, rawNested or rawDescriptor
	Subject       *ocispec.Descriptor `json:"subject,omitempty"`
	Annotations   map[string]string   `json:"annotations,omitempty"`
}

// rawChild is an entry whose manifest was found: the manifest's own fields,
// then those of the entry. Annotations are merged; if both have a key, the
// manifest's value is used, as in manifest-tool v2.
type rawChild struct {
	*ocispec.Manifest
	Annotations map[string]string `json:"annotations,omitempty"`
	Digest      digest.Digest     `json:"digest"`
	Size        int64             `json:"size"`
	Platform    *ocispec.Platform `json:"platform,omitempty"`
	// ImageConfig is in addition to the config's descriptor.
	ImageConfig   *ocispec.Image `json:"imageConfig,omitempty"`
	ConfigMissing bool           `json:"configMissing,omitempty"`
	Mismatch      string         `json:"mismatch,omitempty"`
}

// rawNested is an entry that is an index itself.
type rawNested struct {
	SchemaVersion int                 `json:"schemaVersion"`
	MediaType     string              `json:"mediaType,omitempty"`
	ArtifactType  string              `json:"artifactType,omitempty"`
	Manifests     []any               `json:"manifests"`
	Subject       *ocispec.Descriptor `json:"subject,omitempty"`
	Annotations   map[string]string   `json:"annotations,omitempty"`
	Digest        digest.Digest       `json:"digest"`
	Size          int64               `json:"size"`
	Platform      *ocispec.Platform   `json:"platform,omitempty"`
	Mismatch      string              `json:"mismatch,omitempty"`
}

// rawDescriptor is an entry whose content is not shown: a child that is missing in
// the registry, cannot be verified, was shown before, is nested too deep, or is not
// a manifest.
type rawDescriptor struct {
	Missing      bool              `json:"missing,omitempty"`
	Mismatch     string            `json:"mismatch,omitempty"`
	Unsupported  bool              `json:"unsupported,omitempty"`
	Repeated     bool              `json:"repeated,omitempty"`
	TooDeep      bool              `json:"tooDeep,omitempty"`
	MediaType    string            `json:"mediaType"`
	Digest       digest.Digest     `json:"digest"`
	Size         int64             `json:"size"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Platform     *ocispec.Platform `json:"platform,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
}

// rawImage is `inspect --raw` of an image: the manifest's own fields follow.
type rawImage struct {
	Name         string        `json:"name"`
	Digest       digest.Digest `json:"digest"`
	OS           string        `json:"os,omitempty"`
	Architecture string        `json:"architecture,omitempty"`
	ocispec.Manifest
}

// rawExpanded is `inspect --raw --expand-config` of an image: the config replaces
// its descriptor.
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

// Raw writes the JSON of `inspect --raw`, in the format of manifest-tool v2.
// expandConfig replaces an image's descriptor of the config by the config; in an
// index, configs that were read are added to the descriptors.
func (p Printer) Raw(in inspect.Inspection, expandConfig bool) error {
	data, err := encodeRaw(in, expandConfig)
	if err != nil {
		return fmt.Errorf("error while generating raw JSON output: %w", err)
	}
	return p.write(data)
}

// Bytes writes a document unchanged. On a terminal, unsafe characters are written as
// the equivalent JSON escapes.
func (p Printer) Bytes(raw []byte) error {
	if p.Columns > 0 {
		// A carriage return can only be white space between values.
		raw = EscapeJSON(bytes.ToValidUTF8(bytes.ReplaceAll(raw, []byte("\r"), nil), []byte("\uFFFD")))
	}
	return p.write(raw)
}

func encodeRaw(in inspect.Inspection, expandConfig bool) ([]byte, error) {
	switch {
	case in.Index != nil:
		head, entries := newRawIndex(in), shownEntries(in.Index)
		return encodeList(head, "manifests", len(entries), func(i int) any { return rawEntry(entries[i]) })
	case in.Image == nil:
		return nil, fmt.Errorf("%q is neither an index nor an image", in.Name)
	case expandConfig:
		return encode(newRawExpanded(in))
	}
	config := in.Image.Config
	return encode(rawImage{in.Name, in.Descriptor.Digest, config.OS, config.Architecture, in.Image.Manifest})
}

// newRawIndex leaves out the entries: there may be thousands.
func newRawIndex(in inspect.Inspection) rawIndex {
	x := in.Index
	return rawIndex{
		Name: in.Name, Digest: in.Descriptor.Digest, SchemaVersion: x.SchemaVersion, MediaType: x.MediaType,
		ArtifactType: x.ArtifactType, Manifests: []any{}, Subject: x.Subject, Annotations: x.Annotations,
	}
}

func shownEntries(x *manifest.Index) []*manifest.Entry {
	var shown []*manifest.Entry
	for i := range x.Entries {
		if e := &x.Entries[i]; !e.Filtered {
			shown = append(shown, e)
		}
	}
	return shown
}

func rawEntries(x *manifest.Index) []any {
	all := []any{}
	for _, e := range shownEntries(x) {
		all = append(all, rawEntry(e))
	}
	return all
}

func rawEntry(e *manifest.Entry) any {
	d, x, m := e.Descriptor, e.Index, e.Manifest
	switch {
	case m != nil:
		return rawChild{m, merged(d.Annotations, m.Annotations), d.Digest, d.Size, d.Platform, e.Config, e.ConfigMissing, e.Mismatch}
	case x != nil:
		return rawNested{
			x.SchemaVersion, x.MediaType, x.ArtifactType, rawEntries(x), x.Subject,
			merged(d.Annotations, x.Annotations), d.Digest, d.Size, d.Platform, e.Mismatch,
		}
	}
	return rawDescriptor{
		e.Missing, e.Mismatch, e.IsUnsupported(), e.Repeated, e.IsTooDeep(), d.MediaType, d.Digest, d.Size, d.ArtifactType, d.Platform, d.Annotations,
	}
}

// merged returns the annotations of both; if both have a key, the value in over.
func merged(under, over map[string]string) map[string]string {
	if len(under) == 0 {
		return over
	}
	both := maps.Clone(under)
	maps.Copy(both, over)
	return both
}

func newRawExpanded(in inspect.Inspection) rawExpanded {
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
