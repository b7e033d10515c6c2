package store

import (
	"context"
	"encoding/json"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/jsonedit"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/mediatype"
)

// annotationImageName is the full name of an image in index.json. containerd,
// BuildKit and Docker write it, together with the tag in ref.name.
const annotationImageName = "io.containerd.image.name"

// layoutIndex is the index.json of a layout. What other tools wrote in it is kept
// when it is written again.
type layoutIndex struct {
	ocispec.Index
	// entries are the Manifests with their text.
	entries []layoutEntry
	// text is the file, extra the fields that Index does not have.
	text  []byte
	extra []jsonedit.Field
}

// layoutEntry is an entry of index.json.
type layoutEntry struct {
	ocispec.Descriptor
	text json.RawMessage
}

// The hints for an index.json that is damaged, or that other programs read differently.
const (
	badIndexHint  = "the file is damaged: write the layout or the archive again with the program that made it"
	indexKeysHint = "a file that can be read in two ways is not used: write the layout again with the program that made it"
)

func readIndex(ctx context.Context, files layoutFiles) (layoutIndex, error) {
	var index layoutIndex
	raw, err := readBounded(ctx, files, ocispec.ImageIndexFile)
	if err != nil {
		return index, err
	}
	if err := json.Unmarshal(raw, &index.Index); err != nil {
		return index, badIndex(raw, err)
	}
	var texts struct {
		Manifests []json.RawMessage `json:"manifests"`
	}
	if err := json.Unmarshal(raw, &texts); err != nil {
		return index, badIndex(raw, err)
	}
	if err := mediatype.CheckOuterKeys(raw); err != nil {
		return index, &layoutError{fmt.Errorf("reading %s: %w", ocispec.ImageIndexFile, err), indexKeysHint}
	}
	for i, d := range index.Manifests {
		index.entries = append(index.entries, layoutEntry{d, texts.Manifests[i]})
	}
	index.text = raw
	index.extra = jsonedit.OtherFields(raw, "schemaVersion", "mediaType", "artifactType", "manifests", "subject", "annotations")
	return index, nil
}

// bytes is the text of an index.json with the entries.
func (x layoutIndex) bytes() ([]byte, error) {
	doc := struct {
		SchemaVersion int                 `json:"schemaVersion"`
		MediaType     string              `json:"mediaType,omitempty"`
		ArtifactType  string              `json:"artifactType,omitempty"`
		Manifests     []json.RawMessage   `json:"manifests"`
		Subject       *ocispec.Descriptor `json:"subject,omitempty"`
		Annotations   map[string]string   `json:"annotations,omitempty"`
	}{x.SchemaVersion, x.MediaType, x.ArtifactType, []json.RawMessage{}, x.Subject, x.Annotations}
	for _, e := range x.entries {
		doc.Manifests = append(doc.Manifests, e.text)
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	return jsonedit.Append(raw, x.extra)
}

// refName is the name of an entry of index.json, "" if it has none.
func refName(d ocispec.Descriptor) string { return d.Annotations[ocispec.AnnotationRefName] }

// imageNames are the names of an entry: tags, or full names of images.
func imageNames(d ocispec.Descriptor) []string {
	var names []string
	for _, name := range []string{refName(d), d.Annotations[annotationImageName]} {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

// tagsOf are the tags of an entry, each once; most entries have one or none.
func tagsOf(d ocispec.Descriptor) []string {
	var tags []string
	for _, name := range imageNames(d) {
		if tag := reference.TagOfName(name); tag != "" && (len(tags) == 0 || tags[0] != tag) {
			tags = append(tags, tag)
		}
	}
	return tags
}
