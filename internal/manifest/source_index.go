package manifest

import (
	"context"
	"fmt"
	"unicode/utf8"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/store"
)

// index takes the entries of an index as they are.
func (s source) index(ctx context.Context, o store.Object) (*gathered, error) {
	index, err := parseIndex(o.Raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.ref, err)
	}
	if !utf8.Valid(o.Raw) {
		return nil, fmt.Errorf("%s holds text that is not UTF-8: its entries cannot be taken over without changing them", s.ref)
	}
	g := &gathered{}
	if s.Platform.OS+s.Platform.Architecture != "" {
		g.warnings = append(g.warnings, fmt.Sprintf(
			"image %s is an index: its entries keep their platforms, the declared %s is ignored", s.Image, platform.Format(s.Platform)))
	}
	for _, d := range index.Manifests {
		if err := checkDescriptor(d); err != nil {
			return nil, fmt.Errorf("%s: %w", s.ref, err)
		}
		if isAttestation(d) {
			g.attestations = append(g.attestations, d)
		} else {
			g.images = append(g.images, d)
		}
	}
	if s.ref.SameRepository(s.target) {
		return g, nil
	}
	g.copies, err = children(ctx, s.r, s.ref, index.Manifests, 1)
	return g, err
}

// maxDepth bounds how deep indexes may be nested.
const maxDepth = 4

// children fetches the manifests of an index, those of nested indexes before
// the nested index itself, so that they can be written in that order.
func children(ctx context.Context, r Reader, ref store.Ref, entries []ocispec.Descriptor, depth int) ([]Copy, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%s: indexes are nested more than %d deep", ref, maxDepth)
	}
	lists := make([][]Copy, len(entries))
	g, ctx := errgroup.WithContext(ctx)
	for i, d := range entries {
		g.Go(func() (err error) {
			lists[i], err = childCopies(ctx, r, ref, d, depth)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var all []Copy
	for _, l := range lists {
		all = append(all, l...)
	}
	return all, nil
}

func childCopies(ctx context.Context, r Reader, ref store.Ref, d ocispec.Descriptor, depth int) ([]Copy, error) {
	o, err := child(ctx, r, ref, d)
	if err != nil {
		return nil, fmt.Errorf("reading entry %s of %s: %w", d.Digest, ref, err)
	}
	self := Copy{From: ref.AtDigest(d.Digest), Object: o}
	if !isIndex(o.Descriptor.MediaType) {
		return []Copy{self}, nil
	}
	nested, err := parseIndex(o.Raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", self.From, err)
	}
	below, err := children(ctx, r, ref, nested.Manifests, depth+1)
	return append(below, self), err
}
