package push

import (
	"context"
	"fmt"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/platform"
)

// flatten replaces the nested indexes among the entries of an index by their
// entries, each index once. An image without a platform gets that of the entry of
// its index, if it is the only one in it. A further entry of the same index that
// differs from the first one is a conflict.
func (s sourceReader) flatten(ctx context.Context, entries []entry, g *sourceResult) ([]entry, error) {
	followed, reported := map[digest.Digest]entry{}, map[digest.Digest]bool{}
	for depth := 1; ; depth++ {
		var next []entry
		nested := false
		for _, e := range entries {
			if !manifest.IsIndex(e.MediaType) {
				next = append(next, e)
				continue
			}
			if first, again := followed[e.Digest]; again {
				if err := s.compareNested(first, e, reported, g); err != nil {
					return nil, err
				}
				continue
			}
			if depth >= manifest.MaxDepth {
				return nil, manifest.NestingError(s.ref)
			}
			followed[e.Digest], nested = e, true
			children, err := s.nestedEntries(ctx, e, g)
			if err != nil {
				return nil, err
			}
			next = append(next, children...)
			if len(next) > manifest.MaxEntries {
				return nil, manifest.TooManyError(s.ref)
			}
		}
		if entries = next; !nested {
			return entries, nil
		}
	}
}

// compareNested notes once that two entries of one nested index differ: the platform
// and the fields of the first one are used.
func (s sourceReader) compareNested(first, e entry, reported map[digest.Digest]bool, g *sourceResult) error {
	if reported[e.Digest] {
		return nil
	}
	equal, err := first.isEqual(e)
	if err == nil && !equal {
		reported[e.Digest] = true
		g.conflicts = append(g.conflicts, fmt.Sprintf(
			"image %s: its nested index %s has several entries that differ: only the first one is used", s.Image, e.Digest))
	}
	return err
}

// nestedEntries reads the entries of the index that an entry names.
func (s sourceReader) nestedEntries(ctx context.Context, e entry, g *sourceResult) ([]entry, error) {
	o, err := manifest.FetchChild(ctx, s.r, s.ref, e.Descriptor)
	if err == nil {
		err = checkText(s.ref, o)
	}
	if err != nil {
		return nil, manifest.EntryError(s.ref, e.Descriptor, err)
	}
	children, err := s.entries(ctx, s.ref.WithDigest(e.Digest), o.Raw, g)
	if err != nil {
		return nil, err
	}
	if len(e.Annotations)+len(e.fields)+len(e.platformFields) > 0 {
		g.conflicts = append(g.conflicts, fmt.Sprintf("image %s: the annotations and other fields of its nested index %s are left out", s.Image, e.Digest))
	}
	return children, s.passPlatform(ctx, e, children, g)
}

// passPlatform compares the platform of a nested index with those of its entries,
// which are kept. Its only image gets it, if that has none.
func (s sourceReader) passPlatform(ctx context.Context, e entry, children []entry, g *sourceResult) error {
	if manifest.IsUnknownPlatform(e.Platform) {
		return nil
	}
	var images []*entry
	for i := range children {
		if !manifest.IsAttestation(children[i].Descriptor) {
			images = append(images, &children[i])
		}
	}
	if len(images) == 1 && images[0].Platform == nil {
		images[0].Platform, images[0].platformFields = e.Platform, e.platformFields
		return s.compareConfig(ctx, *images[0], g)
	}
	lost := ""
	for _, child := range images {
		switch {
		case child.Platform == nil:
			child.lostPlatform = true
			lost = "it is left out, as the index has more than one image"
		case lost == "" && (len(platform.Conflicts(*e.Platform, *child.Platform)) > 0 || addsFields(*e.Platform, *child.Platform)):
			lost = fmt.Sprintf("its entry %s keeps %s", child.Digest, platform.Format(*child.Platform))
		}
	}
	if lost != "" {
		g.conflicts = append(g.conflicts, fmt.Sprintf("image %s: the platform of its nested index %s is %s: %s", s.Image, e.Digest, platform.Format(*e.Platform), lost))
	}
	return nil
}

// compareConfig compares the platform that an entry got from its nested index with
// the config of its image.
func (s sourceReader) compareConfig(ctx context.Context, e entry, g *sourceResult) error {
	if !manifest.IsImage(e.MediaType) || s.o.Verify == VerifyNone {
		return nil
	}
	o, err := manifest.FetchChild(ctx, s.r, s.ref, e.Descriptor)
	if err != nil {
		return manifest.EntryError(s.ref, e.Descriptor, err)
	}
	child := s
	child.requestSource = requestSource{Source: spec.Source{Image: s.ref.WithDigest(e.Digest).String(), Platform: *e.Platform}, ref: s.ref.WithDigest(e.Digest)}
	configured, _, err := child.configured(ctx, o, g)
	if err == nil {
		g.compare(child.Source, configured)
	}
	return err
}
