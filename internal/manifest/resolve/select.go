package resolve

import (
	"context"
	"fmt"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// annotationZstd marks an entry whose layers are compressed with zstd, for
// containers/image.
const annotationZstd = "io.github.containers.compression.zstd"

// entrySelector chooses among the entries of indexes.
type entrySelector struct {
	r    manifest.Reader
	ref  reference.Ref
	rule platform.SelectionRule
	// singleImage says that the reference names a single image.
	singleImage bool
	seen        map[digest.Digest]store.Document
}

// choose looks at the entries of one index, depth levels deep, and goes on in
// the one that is the best when it is an index itself. As in containerd, no
// other is looked at then.
func (c *entrySelector) choose(ctx context.Context, want platform.Platform, entries []ocispec.Descriptor, in digest.Digest, depth int) ([]Candidate, error) {
	candidates, best := c.rank(want, entries, in)
	if best < 0 {
		return candidates, nil
	}
	chosen, d := &candidates[best], entries[best]
	switch {
	case manifest.IsIndex(d.MediaType):
		return c.descend(ctx, want, candidates, best, depth)
	case !manifest.IsImage(d.MediaType):
		chosen.State, chosen.Reason = Incompatible, chosen.Reason+", but its type is none of an image"
	case d.Platform == nil && c.rule.ReadsConfig() && !c.singleImage:
		return candidates, c.readPlatform(ctx, want, chosen, d)
	default:
		chosen.State = Chosen
	}
	return candidates, nil
}

// rank applies the rule; best is -1 where nothing fits.
func (c *entrySelector) rank(want platform.Platform, entries []ocispec.Descriptor, in digest.Digest) (candidates []Candidate, best int) {
	offers := make([]platform.Candidate, len(entries))
	for i, d := range entries {
		offers[i] = platform.Candidate{Platform: d.Platform, Zstd: d.Annotations[annotationZstd] == "true"}
	}
	found := platform.Select(c.rule, want, offers)
	candidates = make([]Candidate, len(entries))
	for i, d := range entries {
		candidates[i] = Candidate{
			Position: i + 1, State: Incompatible, Reason: found.Reasons[i], Platform: d.Platform, PlatformText: manifest.FormatPlatform(d.Platform),
			Digest: d.Digest, MediaType: d.MediaType, Size: d.Size, Nested: in, distance: found.Distance[i],
		}
		if manifest.IsAttestation(d) && found.Distance[i] > 0 {
			candidates[i].Reason = "it is an attestation"
		}
	}
	if c.singleImage && entries[0].Platform == nil {
		candidates[0].Reason = "its config names no platform"
		return candidates, -1
	}
	for _, i := range found.Order {
		candidates[i].State = Compatible
	}
	if len(found.Order) == 0 {
		return candidates, -1
	}
	return candidates, found.Order[0]
}

// descend goes on in a nested index, whose candidates come behind it.
func (c *entrySelector) descend(ctx context.Context, want platform.Platform, candidates []Candidate, at, depth int) ([]Candidate, error) {
	if depth == manifest.MaxDepth {
		return nil, manifest.NestingError(c.ref)
	}
	nested := &candidates[at]
	o, err := c.fetch(ctx, ocispec.Descriptor{MediaType: nested.MediaType, Digest: nested.Digest, Size: nested.Size})
	if err != nil {
		return nil, err
	}
	index, err := manifest.ParseIndex(o.Raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.ref.WithDigest(nested.Digest), err)
	}
	nested.State, nested.Reason = Descended, nested.Reason+", an index"
	inner, err := c.choose(ctx, want, index.Manifests, nested.Digest, depth+1)
	return append(candidates[:at+1:at+1], append(inner, candidates[at+1:]...)...), err
}

// readPlatform decides about an entry without a platform by its config.
func (c *entrySelector) readPlatform(ctx context.Context, want platform.Platform, candidate *Candidate, d ocispec.Descriptor) error {
	o, err := c.fetch(ctx, d)
	if err != nil {
		return err
	}
	p, _, err := manifest.ConfiguredPlatform(ctx, c.r, c.ref.WithDigest(d.Digest), o)
	if err != nil {
		return err
	}
	if p == nil {
		candidate.State, candidate.Reason = Incompatible, "neither it nor its config names a platform"
		return nil
	}
	fits := platform.Select(c.rule, want, []platform.Candidate{{Platform: p}})
	candidate.Platform, candidate.PlatformText = p, platform.Format(*p)
	candidate.State, candidate.distance = Incompatible, fits.Distance[0]
	candidate.Reason = "no platform, but its config says: " + fits.Reasons[0]
	if len(fits.Order) > 0 {
		candidate.State = Chosen
	}
	return nil
}

// fetch fetches an entry, once for all platforms.
func (c *entrySelector) fetch(ctx context.Context, d ocispec.Descriptor) (store.Document, error) {
	if o, ok := c.seen[d.Digest]; ok {
		return o, nil
	}
	o, err := manifest.GetChild(ctx, c.r, c.ref, d)
	if err != nil {
		return o, manifest.EntryError(c.ref, d, err)
	}
	c.seen[d.Digest] = o
	return o, nil
}
