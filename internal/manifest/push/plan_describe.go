package push

import (
	"context"
	"slices"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
)

// describe shows the plans of one index. Only the tags that the plans do not need are
// looked up.
func describe(ctx context.Context, r manifest.Writer, plans []Plan, o Options) PlanResult {
	first := plans[0]
	d := first.Index.Descriptor
	out := PlanResult{
		Schema: PlanSchema, Ref: first.Target.String(), Digest: d.Digest, Size: d.Size, MediaType: d.MediaType,
		TypeReason: first.typeReason, Entries: []PlannedEntry{}, Skipped: []string{},
		Unchanged: true, Index: string(first.Index.Raw),
	}
	for _, src := range first.sources {
		if src.digest == "" {
			out.Skipped = append(out.Skipped, src.Image)
		}
	}
	for _, e := range first.entries {
		out.Entries = append(out.Entries, e.describe())
	}
	out.Targets = make([]PlannedTarget, len(plans))
	for _, group := range groupByRegistry(plans) {
		for k, i := range group {
			p := plans[i]
			if k > 0 {
				p = p.copyFrom(plans[group[0]].Target)
			}
			out.Targets[i] = p.describe(ctx, r, o)
		}
	}
	for _, to := range out.Targets {
		for _, tag := range slices.Concat(to.Tags, to.PlatformTags) {
			out.Unchanged = out.Unchanged && tag.Current == tag.Planned
		}
	}
	return out
}

func (e entry) describe() PlannedEntry {
	p := PlannedEntry{
		Digest: e.Digest, Size: e.Size, MediaType: e.MediaType, ArtifactType: e.ArtifactType,
		Platform: e.Platform, Annotations: e.Annotations, Source: e.source.Image, Attestation: manifest.IsAttestation(e.Descriptor),
	}
	if e.Platform != nil {
		from := e.origins
		if from == (PlatformOrigins{}) {
			from = originsOf(*e.Platform, ocispec.Platform{}, OriginIndex)
		}
		p.PlatformFrom = &from
	}
	return p
}

// describe shows the plan of one target. Nothing is copied to one that has the index and
// keeps its children.
func (p Plan) describe(ctx context.Context, r manifest.Writer, o Options) PlannedTarget {
	out := PlannedTarget{Ref: p.Target.String(), Tags: p.describeTags(ctx, r), PlatformTags: p.describePlatformTags(ctx, r), Manifests: []PlannedManifest{}, Blobs: []PlannedBlob{}}
	if p.Current.Digest == p.Index.Descriptor.Digest && r.Capabilities(p.Target).ChecksChildren {
		return out
	}
	seen := map[digest.Digest]bool{}
	for _, c := range p.Copies {
		d := c.Document.Descriptor
		out.Manifests = append(out.Manifests, PlannedManifest{d.Digest, d.Size, d.MediaType, c.From.String()})
		m, err := manifest.ParseManifest(c.Document.Raw)
		if err != nil || manifest.IsIndex(d.MediaType) {
			continue
		}
		for _, b := range append([]ocispec.Descriptor{m.Config}, m.Layers...) {
			if seen[b.Digest] || manifest.IsNonDistributable(b.MediaType) && !o.NonDistributable {
				continue
			}
			seen[b.Digest] = true
			out.Blobs = append(out.Blobs, PlannedBlob{b.Digest, b.Size, b.MediaType, actionFor(c.From, p.Target), c.From.WithTag("").String()})
		}
	}
	return out
}

func actionFor(from, to reference.Ref) BlobAction {
	if to.SameRegistry(from) {
		return ActionMount
	}
	return ActionCopy
}

// describeTags returns the tags of a target with what they name now.
func (p Plan) describeTags(ctx context.Context, r manifest.Reader) []PlannedTag {
	var tags []PlannedTag
	for _, t := range tagResults(p, false) {
		tags = append(tags, PlannedTag{Tag: t.Tag, Planned: p.Index.Descriptor.Digest})
	}
	tags[0].setCurrent(p.Current)
	p.lookUpTags(ctx, r, tags[1:])
	return tags
}

// describePlatformTags returns the tags of the images with what they name now.
func (p Plan) describePlatformTags(ctx context.Context, r manifest.Reader) []PlannedTag {
	var tags []PlannedTag
	for _, t := range p.platformTags {
		tags = append(tags, PlannedTag{Tag: t.Tag, Planned: t.Digest})
	}
	p.lookUpTags(ctx, r, tags)
	return tags
}

// lookUpTags sets what tags name now.
func (p Plan) lookUpTags(ctx context.Context, r manifest.Reader, tags []PlannedTag) {
	var wg sync.WaitGroup
	for i := range tags {
		wg.Go(func() { tags[i].setCurrent(lookUpTag(ctx, r, p.Target.WithTag(tags[i].Tag))) })
	}
	wg.Wait()
}

func (t *PlannedTag) setCurrent(now tagState) {
	t.Current = now.Digest
	if now.Err != nil {
		t.Error = now.Err.Error()
	}
}
