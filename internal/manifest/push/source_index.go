package push

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/manifest/transfer"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// index takes the entries of an index as they are, those of nested indexes too if
// Options.Flatten is set.
func (s sourceReader) index(ctx context.Context, o store.Document) (*sourceResult, error) {
	if err := checkText(s.ref, o); err != nil {
		return nil, err
	}
	g := &sourceResult{requestSource: s.requestSource}
	entries, err := s.entries(ctx, s.ref, o.Raw, g)
	if err != nil {
		return nil, err
	}
	if s.o.Flatten {
		if entries, err = s.flatten(ctx, entries, g); err != nil {
			return nil, err
		}
	}
	var descriptors []ocispec.Descriptor
	for _, e := range entries {
		descriptors = append(descriptors, e.Descriptor)
		if manifest.IsAttestation(e.Descriptor) {
			g.attestations = append(g.attestations, e)
		} else {
			g.images = append(g.images, e)
		}
	}
	if kind := manifest.BlobIndexKind(descriptors); kind != "" {
		return nil, manifest.InputErrorf("image %s is %s, not an image: its entries are not manifests", s.Image, kind)
	}
	if err := g.keepPlatforms(); err != nil {
		return nil, err
	}
	g.compareEntries(s.Source)
	g.checkAnnotations(s.Source)
	g.checkEntries()
	switch {
	case len(entries) == 0:
		g.emptyReason = fmt.Sprintf("image %s is an index without entries", s.Image)
	case len(g.images) == 0:
		g.emptyReason = fmt.Sprintf("image %s is an index of attestations alone", s.Image)
	}
	if s.isLocal {
		return g, nil
	}
	g.children, err = transfer.FetchChildren(ctx, s.r, s.ref, g.kept(descriptors))
	return g, err
}

// kept returns those of the entries of an index, in its order, that are taken: others
// need not exist.
func (g *sourceResult) kept(descriptors []ocispec.Descriptor) []ocispec.Descriptor {
	digests := map[digest.Digest]bool{}
	for _, e := range slices.Concat(g.images, g.attestations) {
		digests[e.Digest] = true
	}
	return slices.DeleteFunc(descriptors, func(d ocispec.Descriptor) bool { return !digests[d.Digest] })
}

// checkText rejects an index whose entries cannot be encoded again unchanged.
func checkText(ref reference.Ref, o store.Document) error {
	if !utf8.Valid(o.Raw) {
		return fmt.Errorf("%s holds text that is not UTF-8: its entries cannot be taken over without changing them", ref)
	}
	return nil
}

// entries reads the entries of an index. One without a media type gets that of its
// manifest.
func (s sourceReader) entries(ctx context.Context, ref reference.Ref, raw []byte, g *sourceResult) ([]entry, error) {
	index, err := manifest.ParseIndex(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	for _, d := range index.Manifests {
		if err := manifest.ValidateDescriptor(d); err != nil {
			return nil, fmt.Errorf("%s: %w", ref, err)
		}
	}
	all, err := s.parseEntries(raw, index.Manifests)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	fetching, ctx := errgroup.WithContext(ctx)
	fetching.SetLimit(manifest.MaxConcurrent)
	for i := range all {
		e := &all[i]
		if e.MediaType != "" {
			continue
		}
		g.conflicts = append(g.conflicts, fmt.Sprintf("image %s: its entry %s has no mediaType: it gets that of its manifest", s.Image, e.Digest))
		fetching.Go(func() error {
			o, err := s.r.Get(ctx, ref.WithDigest(e.Digest))
			e.MediaType = o.Descriptor.MediaType
			if err == nil {
				err = manifest.CheckMatchesEntry(o, e.Descriptor)
			}
			if err != nil {
				err = manifest.EntryError(ref, e.Descriptor, err)
			}
			return err
		})
	}
	return all, fetching.Wait()
}

// checkAnnotations reports annotations that are declared for an index: its entries
// keep their own, and which of them would be meant is open.
func (g *sourceResult) checkAnnotations(src spec.Source) {
	if len(src.Annotations) > 0 {
		g.conflicts = append(g.conflicts, fmt.Sprintf("image %s is an index: its entries keep their annotations, the declared ones (%s) are ignored",
			src.Image, strings.Join(slices.Sorted(maps.Keys(src.Annotations)), ", ")))
	}
}

// compareEntries compares a platform that is declared for an index with those of its
// images, which are kept. A difference is a conflict, and so is a declared field that
// an image does not have.
func (g *sourceResult) compareEntries(src spec.Source) {
	declared := src.Platform
	if declared.OS+declared.Architecture == "" {
		return
	}
	message := fmt.Sprintf("image %s is an index: its entries keep their platforms, the declared %s is ignored", src.Image, platform.Format(declared))
	for _, e := range g.images {
		if e.Platform == nil || len(platform.Conflicts(declared, *e.Platform)) > 0 || addsFields(declared, *e.Platform) {
			g.conflicts = append(g.conflicts, message)
			return
		}
	}
}

// addsFields reports whether a platform has fields that another one, which does not
// contradict it, does not have.
func addsFields(declared, has ocispec.Platform) bool {
	d, h := platform.Canonical(declared), platform.Canonical(has)
	return d.OS != h.OS && d.OS != "" || d.Architecture != h.Architecture && d.Architecture != "" || d.Variant != h.Variant && d.Variant != "" ||
		declared.OSVersion != "" && has.OSVersion == "" || len(declared.OSFeatures) > 0 && len(has.OSFeatures) == 0
}

// checkEntries reports entries of an index that no node can select, and those
// without a platform.
func (g *sourceResult) checkEntries() {
	for _, e := range g.images {
		if reason := unusableReason(e); reason != "" {
			g.conflicts = append(g.conflicts, fmt.Sprintf("image %s: %s", g.Image, reason))
		}
	}
}

// unusableReason explains why nodes do not select an entry; "" if they do. A nested
// index and an artifact with a type of its own need no platform.
func unusableReason(e entry) string {
	if manifest.IsUnknownPlatform(e.Platform) && (e.lostPlatform || manifest.IsIndex(e.MediaType) || e.ArtifactType != "") {
		return ""
	}
	if e.Platform == nil {
		return fmt.Sprintf("its entry %s has no platform: some runtimes never select it, others on any node", e.Digest)
	}
	reason := ""
	p := *e.Platform
	if missing := missingNames(p); missing != "" {
		reason = "no " + missing
	} else if p.OS == "unknown" || p.Architecture == "unknown" {
		reason = "an unknown os or architecture (" + platform.Format(p) + ")"
	} else if !platform.IsPossibleVariant(p.Architecture, p.Variant) {
		reason = fmt.Sprintf("the variant %q, which %s cannot have", p.Variant, p.Architecture)
	}
	if reason == "" {
		return ""
	}
	return fmt.Sprintf("the platform of its entry %s has %s: no node selects it", e.Digest, reason)
}
