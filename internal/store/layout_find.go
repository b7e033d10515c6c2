package store

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
)

// AmbiguousError reports that a reference selects more than one image of a layout or an
// archive.
type AmbiguousError struct {
	Ref reference.Ref
	// Problem is what the images have in common, Images what they are: the first ones,
	// and how many more there are.
	Problem string
	Images  []string
}

func (e *AmbiguousError) Error() string { return e.Problem + ": " + strings.Join(e.Images, ", ") }

// Hint is how to select one.
func (e *AmbiguousError) Hint() string {
	at := e.Ref.Prefix() + "FILE"
	if e.Ref.Storage() == "layout" {
		at = e.Ref.Prefix() + "DIR"
	}
	return fmt.Sprintf("select one by its digest (%s@sha256:...), its tag (%s:TAG) or its full name (%s:HOST/NAME:TAG)", at, at, at)
}

// ExitCode is that of bad input.
func (*AmbiguousError) ExitCode() int { return 2 }

// blobReader reads a manifest of the layout.
type blobReader func(digest.Digest) ([]byte, error)

// roots leaves out the children of the other images: oras lists those of an index in
// index.json as well. Attestations and signatures, which have a subject, are left
// out if they are untagged. All remain if nothing would. The error is that of ctx.
func roots(ctx context.Context, images []ocispec.Descriptor, read blobReader) ([]ocispec.Descriptor, error) {
	dependent := map[digest.Digest]bool{}
	for _, d := range images {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var doc struct {
			Manifests []ocispec.Descriptor `json:"manifests"`
			Subject   *ocispec.Descriptor  `json:"subject"`
		}
		if raw, err := read(d.Digest); err != nil || json.Unmarshal(raw, &doc) != nil {
			continue
		}
		for _, child := range doc.Manifests {
			dependent[child.Digest] = true
		}
		if doc.Subject != nil && len(imageNames(d)) == 0 {
			dependent[d.Digest] = true
		}
	}
	left := slices.DeleteFunc(slices.Clone(images), func(d ocispec.Descriptor) bool { return dependent[d.Digest] && len(imageNames(d)) == 0 })
	if len(left) == 0 {
		return images, nil
	}
	return left, nil
}

// find returns the entry of index.json that a reference without a digest names: by
// its tag, its full name, or as the only image of the layout.
func (x layoutIndex) find(ctx context.Context, ref reference.Ref, read blobReader) (ocispec.Descriptor, error) {
	found := distinct(x.named(ref))
	if len(found) > 1 && ref.IsRepository() {
		var err error
		if found, err = roots(ctx, found, read); err != nil {
			return ocispec.Descriptor{}, err
		}
	}
	if len(found) != 1 && ref.IsRepository() && ref.DefaultTag != "" {
		if tagged := distinct(x.named(ref.WithTag(ref.DefaultTag))); len(tagged) > 0 {
			found = tagged
		}
	}
	switch {
	case len(found) == 0 && len(x.entries) == 0:
		return ocispec.Descriptor{}, fmt.Errorf("%w: the %s has no images", ErrNotFound, ref.Storage())
	case len(found) == 0:
		return ocispec.Descriptor{}, fmt.Errorf("%w: the %s has %s", ErrNotFound, ref.Storage(), strings.Join(x.describe(x.Manifests), ", "))
	case len(found) > 1 && ref.IsRepository():
		return ocispec.Descriptor{}, &AmbiguousError{ref, fmt.Sprintf("the %s has %d images, and no tag or digest selects one", ref.Storage(), len(found)), x.describe(found)}
	case len(found) > 1:
		return ocispec.Descriptor{}, &AmbiguousError{ref, fmt.Sprintf("%d images have this name", len(found)), x.describe(found)}
	}
	if err := found[0].Digest.Validate(); err != nil {
		return ocispec.Descriptor{}, fmt.Errorf("digest %q: %w", found[0].Digest, err)
	}
	return found[0], nil
}

// named returns the entries that a reference without a digest can mean.
func (x layoutIndex) named(ref reference.Ref) []ocispec.Descriptor {
	switch {
	case ref.Name != "":
		want := reference.CanonicalName(ref.Name)
		return x.matching(func(d ocispec.Descriptor) bool {
			return slices.ContainsFunc(imageNames(d), func(name string) bool { return reference.CanonicalName(name) == want })
		})
	case ref.Tag != "":
		// A tag comes before the full name of another tool that ends in it.
		if exact := x.matching(func(d ocispec.Descriptor) bool { return refName(d) == ref.Tag }); len(exact) > 0 {
			return exact
		}
		return x.matching(func(d ocispec.Descriptor) bool { return slices.Contains(tagsOf(d), ref.Tag) })
	}
	if images := x.matching(func(d ocispec.Descriptor) bool { return !isCompanion(d) }); len(images) > 0 {
		return images
	}
	return x.Manifests
}

func (x layoutIndex) matching(matches func(ocispec.Descriptor) bool) []ocispec.Descriptor {
	return slices.DeleteFunc(slices.Clone(x.Manifests), func(d ocispec.Descriptor) bool { return !matches(d) })
}

// isImageIndex reports whether index.json itself is the index that a reference
// without tag and digest means: it has an untagged entry for each of several
// platforms, or for one and its attestation. skopeo, apko, ko and crane write such
// layouts.
func (x layoutIndex) isImageIndex(ref reference.Ref) bool {
	if !ref.IsRepository() {
		return false
	}
	seen, attested := map[string]bool{}, false
	for _, d := range x.Manifests {
		switch {
		case len(imageNames(d)) > 0:
			return false
		case d.Annotations[annotationReferenceType] != "":
			attested = true
		case isCompanion(d):
		case d.Platform == nil || d.Platform.OS == "" || d.Platform.Architecture == "":
			return false
		default:
			key := platform.Key(platform.Canonical(*d.Platform))
			if seen[key] {
				return false
			}
			seen[key] = true
		}
	}
	return len(seen) > 1 || len(seen) == 1 && attested
}

// annotationReferenceType marks an attestation (BuildKit's attestation storage
// format).
const annotationReferenceType = "vnd.docker.reference.type"

var referrersTag = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`^sha(256-[0-9a-f]{64}|512-[0-9a-f]{128})(\.[a-z]+)?$`)
})

// isCompanion reports whether an entry is about an image of the layout: an untagged
// attestation or artifact, or one under the tag of its subject's digest, as for a
// signature.
func isCompanion(d ocispec.Descriptor) bool {
	if names := imageNames(d); len(names) > 0 {
		return referrersTag().MatchString(reference.TagOfName(names[0]))
	}
	// crane writes the type of the config as the artifactType of images.
	isArtifact := d.ArtifactType != "" && !types.MediaType(d.ArtifactType).IsConfig()
	return isArtifact || d.Annotations[annotationReferenceType] != ""
}

// distinct returns the entries, those of one digest once.
func distinct(all []ocispec.Descriptor) []ocispec.Descriptor {
	seen := map[digest.Digest]bool{}
	return slices.DeleteFunc(slices.Clone(all), func(d ocispec.Descriptor) bool {
		repeated := seen[d.Digest]
		seen[d.Digest] = true
		return repeated
	})
}
