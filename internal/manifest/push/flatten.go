package push

import (
	"context"
	"fmt"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/manifest"
)

// flatten replaces the nested indexes among the entries of an index by their
// entries, each index once. An image without a platform gets that of the entry of
// its index, if it is the only one in it.
func (s sourceReader) flatten(ctx context.Context, entries []entry, g *sourceResult) ([]entry, error) {
	followed := map[digest.Digest]bool{}
	for depth := 1; ; depth++ {
		var next []entry
		nested := false
		for _, e := range entries {
			if !manifest.IsIndex(e.MediaType) {
				next = append(next, e)
				continue
			}
			if followed[e.Digest] {
				continue
			}
			if depth >= manifest.MaxDepth {
				return nil, manifest.NestingError(s.ref)
			}
			followed[e.Digest], nested = true, true
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
	only := -1
	for i, child := range children {
		if manifest.IsAttestation(child.Descriptor) {
			continue
		}
		if only >= 0 {
			return children, nil
		}
		only = i
	}
	if only >= 0 && children[only].Platform == nil && e.Platform != nil {
		children[only].Platform, children[only].platformFields = e.Platform, e.platformFields
	}
	return children, nil
}
