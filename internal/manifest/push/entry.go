package push

import (
	"bytes"
	"encoding/json"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/jsonedit"
	"manifest-tool/internal/manifest/verify"
)

// entry is an entry of the index that is assembled.
type entry struct {
	ocispec.Descriptor
	// source is where it comes from; direct is set if the source is a single image.
	source requestSource
	direct bool
	// lostPlatform is set if the platform of its nested index could not be given to
	// it, which is reported once for the index.
	lostPlatform bool
	// fields and platformFields are the fields of a source index's entry, and of
	// its platform, that the descriptor does not have, such as the features of
	// Docker's platforms. They are kept.
	fields, platformFields []jsonedit.Field
	// origins says where the fields of the platform come from; that of an index's entry
	// has none.
	origins PlatformOrigins
}

// parseEntries returns the entries of an index with all their fields.
func (s sourceReader) parseEntries(raw []byte, descriptors []ocispec.Descriptor) ([]entry, error) {
	var doc struct {
		Manifests []json.RawMessage `json:"manifests"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, err
	}
	all := make([]entry, len(descriptors))
	for i, d := range descriptors {
		all[i] = entry{
			Descriptor: d, source: s.requestSource,
			fields: jsonedit.OtherFields(doc.Manifests[i], "mediaType", "digest", "size", "urls", "annotations", "data", "platform", "artifactType"),
		}
		var parts struct {
			Platform json.RawMessage `json:"platform"`
		}
		if d.Platform != nil && json.Unmarshal(doc.Manifests[i], &parts) == nil {
			all[i].platformFields = jsonedit.OtherFields(parts.Platform, "architecture", "os", "os.version", "os.features", "variant")
		}
	}
	return all, nil
}

// MarshalJSON writes the entry of an OCI index.
func (e entry) MarshalJSON() ([]byte, error) { return e.withFields(e.Descriptor) }

// withFields encodes a descriptor, followed by the further fields.
func (e entry) withFields(descriptor any) ([]byte, error) {
	raw, err := json.Marshal(descriptor)
	if err != nil {
		return nil, err
	}
	if len(e.platformFields) > 0 {
		platform, err := json.Marshal(e.Platform)
		if err != nil {
			return nil, err
		}
		if platform, err = jsonedit.Append(platform, e.platformFields); err != nil {
			return nil, err
		}
		if raw, err = jsonedit.Set(raw, json.RawMessage(platform), "platform"); err != nil {
			return nil, err
		}
	}
	return jsonedit.Append(raw, e.fields)
}

// mergeEqual returns the entries, equal ones of one digest once, so that a target
// that is one of its own sources can be pushed again. repeated are the images that
// the spec names more than once.
func mergeEqual(all []entry) (merged []entry, repeated []string, err error) {
	seen := map[string]entry{} // by their encoding
	for _, e := range all {
		text, err := json.Marshal(e)
		if err != nil {
			return nil, nil, err
		}
		first, again := seen[string(text)]
		switch {
		case !again:
			seen[string(text)] = e
			merged = append(merged, e)
		case first.direct && e.direct:
			repeated = append(repeated, e.source.Image)
		}
	}
	return merged, repeated, nil
}

// isEqual reports whether two entries are encoded alike.
func (e entry) isEqual(other entry) (bool, error) {
	a, err := json.Marshal(e)
	if err != nil {
		return false, err
	}
	b, err := json.Marshal(other)
	return bytes.Equal(a, b), err
}

// toSourceEntry returns the entry for verify.
func (e entry) toSourceEntry() verify.SourceEntry {
	return verify.SourceEntry{Ref: e.source.ref, Desc: e.Descriptor}
}
