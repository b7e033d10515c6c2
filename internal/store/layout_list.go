package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
)

// readLayoutIndex reads the index.json of a layout.
func readLayoutIndex(ref reference.Ref) (layoutIndex, error) {
	root, err := openLayout(ref)
	if err != nil {
		return layoutIndex{}, err
	}
	defer root.Close()
	index, err := readIndex(root)
	if err != nil {
		return index, fmt.Errorf("%s: %w", ref, err)
	}
	return index, nil
}

// tags lists the tags in index.json, with those of full image names.
func (layout) tags(_ context.Context, ref reference.Ref) ([]string, error) {
	index, err := readLayoutIndex(ref)
	if err != nil {
		return nil, err
	}
	var tags []string
	for _, d := range index.Manifests {
		for _, tag := range tagsOf(d) {
			if !slices.Contains(tags, tag) {
				tags = append(tags, tag)
			}
		}
	}
	return tags, nil
}

// untagged lists the entries of index.json that no tag selects.
func (layout) untagged(_ context.Context, ref reference.Ref) ([]digest.Digest, error) {
	index, err := readLayoutIndex(ref)
	if err != nil {
		return nil, err
	}
	var found []digest.Digest
	for _, d := range distinct(index.Manifests) {
		if !slices.ContainsFunc(index.Manifests, func(o ocispec.Descriptor) bool { return o.Digest == d.Digest && len(tagsOf(o)) > 0 }) {
			found = append(found, d.Digest)
		}
	}
	return found, nil
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
