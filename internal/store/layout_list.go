package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
)

// maxListed is the number of images that an error about a layout lists.
const maxListed = 10

// readIndex reads the index.json of a layout.
func (l layoutReader) readIndex(ctx context.Context, ref reference.Ref) (layoutIndex, error) {
	files, err := l.openFiles(ctx, ref)
	if err != nil {
		return layoutIndex{}, err
	}
	defer files.Close()
	index, err := readIndex(ctx, files)
	if err != nil {
		return index, withoutFile(fmt.Errorf("%s: %w", ref, err))
	}
	return index, nil
}

// tags lists the tags in index.json, with those of full image names. The error is a
// *NotCreatedError if there is no layout yet.
func (l layoutReader) tags(ctx context.Context, ref reference.Ref) ([]string, error) {
	index, err := l.readIndex(ctx, ref)
	if err != nil {
		return nil, notCreated(err)
	}
	var tags []string
	seen := map[string]bool{}
	for _, d := range index.Manifests {
		for _, tag := range tagsOf(d) {
			if !seen[tag] {
				seen[tag] = true
				tags = append(tags, tag)
			}
		}
	}
	return tags, nil
}

// untagged lists the entries of index.json that no tag selects.
func (l layoutReader) untagged(ctx context.Context, ref reference.Ref) ([]digest.Digest, error) {
	index, err := l.readIndex(ctx, ref)
	if err != nil {
		return nil, err
	}
	tagged := map[digest.Digest]bool{}
	for _, d := range index.Manifests {
		if len(tagsOf(d)) > 0 {
			tagged[d.Digest] = true
		}
	}
	var found []digest.Digest
	for _, d := range distinct(index.Manifests) {
		if !tagged[d.Digest] {
			found = append(found, d.Digest)
		}
	}
	return found, nil
}

// referrers searches the entries of index.json for the subject: layouts list
// referrers there, and clients of registries without a referrers API maintain a
// tag instead.
func (l layoutReader) referrers(ctx context.Context, ref reference.Ref) ([]ocispec.Descriptor, error) {
	index, err := l.readIndex(ctx, ref)
	if err != nil {
		return nil, err
	}
	var found []ocispec.Descriptor
	for _, d := range index.Manifests {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
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

// describe lists images by digest, with their names and platforms: at most maxListed,
// and how many more there are.
func (x layoutIndex) describe(images []ocispec.Descriptor) []string {
	images = distinct(images)
	more := len(images) - maxListed
	images = images[:min(maxListed, len(images))]
	names := make(map[digest.Digest][]string, len(images))
	for _, d := range images {
		names[d.Digest] = []string{}
	}
	for _, d := range x.Manifests {
		if known, listed := names[d.Digest]; listed {
			names[d.Digest] = append(known, nameInList(d)...)
		}
	}
	var all []string
	for _, d := range images {
		all = append(all, describeImage(d, names[d.Digest]))
	}
	if more > 0 {
		all = append(all, fmt.Sprintf("and %d more", more))
	}
	return all
}

// describeImage is one image in a list of them.
func describeImage(d ocispec.Descriptor, names []string) string {
	slices.Sort(names)
	text := "untagged"
	if names = slices.Compact(names); len(names) > 0 {
		text = strings.Join(names, ", ")
	}
	if d.Platform != nil && d.Platform.OS != "" {
		text += ", " + platform.Format(*d.Platform)
	}
	return fmt.Sprintf("%s (%s)", d.Digest, text)
}

// nameInList is the most specific name of an entry.
func nameInList(d ocispec.Descriptor) []string {
	names := imageNames(d)
	return names[max(len(names)-1, 0):]
}
