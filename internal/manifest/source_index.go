package manifest

import (
	"context"
	"fmt"
	"unicode/utf8"

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
	g.copies, err = children(ctx, s.r, s.ref, index.Manifests)
	return g, err
}
