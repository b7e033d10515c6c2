package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"manifest-tool/internal/reference"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// readLayoutIndex reads the index.json of a layout.
func readLayoutIndex(ref reference.Ref) (ocispec.Index, error) {
	root, err := openLayout(ref)
	if err != nil {
		return ocispec.Index{}, err
	}
	defer root.Close()
	index, err := readIndex(root)
	if err != nil {
		return ocispec.Index{}, fmt.Errorf("%s: %w", ref, err)
	}
	return index, nil
}

// tags lists the names in index.json. Some tools write the tag alone, others
// the whole image name, of which the tag is what get finds too.
func (layout) tags(ref reference.Ref) ([]string, error) {
	index, err := readLayoutIndex(ref)
	if err != nil {
		return nil, err
	}
	var tags []string
	seen := map[string]bool{}
	for _, d := range index.Manifests {
		name := refName(d)
		if i := strings.LastIndex(name, ":"); i >= 0 {
			name = name[i+1:]
		}
		if name != "" && !seen[name] {
			seen[name] = true
			tags = append(tags, name)
		}
	}
	return tags, nil
}

// referrers looks for the subject in what index.json lists: a layout keeps
// referrers there, and clients of registries without a list of referrers keep
// the tag that stands for it.
func (l layout) referrers(ctx context.Context, ref reference.Ref) ([]ocispec.Descriptor, error) {
	index, err := readLayoutIndex(ref)
	if err != nil {
		return nil, err
	}
	var found []ocispec.Descriptor
	for _, d := range index.Manifests {
		o, err := l.get(ctx, ref.WithDigest(d.Digest))
		if err != nil {
			continue // what cannot be read refers to nothing
		}
		found = append(found, referrersIn(ref, refName(d), o)...)
	}
	return found, nil
}

// referrersIn returns what one entry of index.json adds to the referrers of a
// digest, described as a registry would.
func referrersIn(ref reference.Ref, name string, o Document) []ocispec.Descriptor {
	var doc struct {
		ocispec.Manifest
		Manifests []ocispec.Descriptor `json:"manifests"`
	}
	if json.Unmarshal(o.Raw, &doc) != nil {
		return nil
	}
	if name == ref.ReferrersTag() {
		return doc.Manifests
	}
	if doc.Subject == nil || doc.Subject.Digest != ref.Digest {
		return nil
	}
	d := o.Descriptor
	d.ArtifactType, d.Annotations = cmp.Or(doc.ArtifactType, doc.Config.MediaType), doc.Annotations
	return []ocispec.Descriptor{d}
}
