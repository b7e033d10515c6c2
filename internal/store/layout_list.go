package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
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

// tags lists the names in index.json. Some tools write only the tag, others the
// full image name, whose tag lookup accepts as well.
func (layout) tags(_ context.Context, ref reference.Ref) ([]string, error) {
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

// referrers searches the entries of index.json for the subject: layouts list
// referrers there, and clients of registries without a referrers API maintain a
// tag instead.
func (l layout) referrers(ctx context.Context, ref reference.Ref) ([]ocispec.Descriptor, error) {
	index, err := readLayoutIndex(ref)
	if err != nil {
		return nil, err
	}
	var found []ocispec.Descriptor
	for _, d := range index.Manifests {
		o, err := l.get(ctx, ref.WithDigest(d.Digest))
		if err != nil {
			continue // an unreadable manifest has no subject
		}
		found = append(found, referrersIn(ref, refName(d), o)...)
	}
	return found, nil
}

// referrersIn returns the referrers of a digest in one entry of index.json, with
// the descriptor that a registry would return.
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
