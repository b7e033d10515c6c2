package push

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/manifest/transfer"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/store"
)

// index takes the entries of an index as they are.
func (s sourceReader) index(ctx context.Context, o store.Document) (*sourceResult, error) {
	index, err := manifest.ParseIndex(o.Raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.ref, err)
	}
	if !utf8.Valid(o.Raw) {
		return nil, fmt.Errorf("%s holds text that is not UTF-8: its entries cannot be taken over without changing them", s.ref)
	}
	g := &sourceResult{requestSource: s.requestSource}
	g.compareEntries(s.Source, index.Manifests)
	for _, d := range index.Manifests {
		if err := manifest.ValidateDescriptor(d); err != nil {
			return nil, fmt.Errorf("%s: %w", s.ref, err)
		}
		if manifest.IsAttestation(d) {
			g.attestations = append(g.attestations, d)
		} else {
			g.images = append(g.images, d)
		}
	}
	switch {
	case len(index.Manifests) == 0:
		g.emptyReason = fmt.Sprintf("image %s is an index without entries", s.Image)
	case len(g.images) == 0:
		g.emptyReason = fmt.Sprintf("image %s is an index of attestations alone", s.Image)
	}
	if s.ref.SameRepository(s.target) {
		return g, nil
	}
	g.copies, err = transfer.FetchChildren(ctx, s.r, s.ref, index.Manifests)
	return g, err
}

// compareEntries says that a platform declared for an index is ignored. It
// contradicts the index unless every image in it is for that platform, as in one
// that holds an image and its attestation.
func (g *sourceResult) compareEntries(src spec.Source, entries []ocispec.Descriptor) {
	if src.Platform.OS+src.Platform.Architecture == "" {
		return
	}
	message := fmt.Sprintf("image %s is an index: its entries keep their platforms, the declared %s is ignored", src.Image, platform.Format(src.Platform))
	if slices.ContainsFunc(entries, func(d ocispec.Descriptor) bool {
		return !manifest.IsAttestation(d) && (d.Platform == nil || len(platform.Conflicts(src.Platform, *d.Platform)) > 0)
	}) {
		g.conflicts = append(g.conflicts, message)
		return
	}
	g.warnings = append(g.warnings, message)
}
