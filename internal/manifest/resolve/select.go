package resolve

import (
	"context"
	"fmt"
	"slices"

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

// entrySelector chooses among the entries of indexes by one rule.
type entrySelector struct {
	r    manifest.Reader // one that caches: several platforms may need the same manifests
	ref  reference.Ref
	rule platform.SelectionRule
	// singleImage is set if the reference names a single image.
	singleImage bool
}

// selection is the choice for one platform: a visitor that descends only into
// the nested index that is the best entry, as containerd does.
type selection struct {
	entrySelector
	want platform.Platform
	// candidates are those read so far; best is the position of the best one of
	// the index that was read last.
	candidates []Candidate
	best       int
	// index is the nested index that was chosen, nested its digest.
	index  ocispec.Index
	nested digest.Digest
}

// Target returns the manifest that an entry names.
func (s *selection) Target(d ocispec.Descriptor) (reference.Ref, ocispec.Descriptor) {
	return s.ref.WithDigest(d.Digest), d
}

// Select ranks the entries of one index and returns the best one if its
// manifest is needed: it is an index, or an entry without a platform.
func (s *selection) Select(_ context.Context, entries []ocispec.Descriptor) []ocispec.Descriptor {
	ranked, best := s.rank(entries)
	at := s.best + 1
	s.candidates = slices.Insert(s.candidates, at, ranked...)
	if best < 0 {
		return nil
	}
	s.best = at + best
	chosen, d := &s.candidates[s.best], entries[best]
	switch {
	case manifest.IsIndex(d.MediaType), manifest.IsImage(d.MediaType) && d.Platform == nil && s.rule.ReadsConfig() && !s.singleImage:
		return entries[best : best+1]
	case !manifest.IsImage(d.MediaType):
		chosen.State, chosen.Reason = Incompatible, chosen.Reason+", but its type is not that of an image"
	default:
		chosen.State = Chosen
	}
	return nil
}

// rank applies the rule to the entries of one index; best is -1 if none fits.
func (s *selection) rank(entries []ocispec.Descriptor) (ranked []Candidate, best int) {
	offers := make([]platform.Candidate, len(entries))
	for i, d := range entries {
		offers[i] = platform.Candidate{Platform: d.Platform, Zstd: d.Annotations[annotationZstd] == "true"}
	}
	matches := platform.Select(s.rule, s.want, offers)
	ranked = make([]Candidate, len(entries))
	for i, d := range entries {
		m := matches[i]
		ranked[i] = Candidate{
			Position: i + 1, State: Incompatible, Reason: m.Reason, Platform: d.Platform, PlatformText: manifest.FormatPlatform(d.Platform),
			Digest: d.Digest, MediaType: d.MediaType, Size: d.Size, Nested: s.nested, distance: m.Distance,
		}
		if m.Fits() {
			ranked[i].State = Compatible
		} else if manifest.IsAttestation(d) {
			ranked[i].Reason = "it is an attestation"
		}
	}
	if kind := manifest.BlobIndexKind(entries); kind != "" {
		for i := range ranked {
			ranked[i].State, ranked[i].Reason = Incompatible, "it is a blob: the index is "+kind
		}
		return ranked, -1
	}
	if s.singleImage && entries[0].Platform == nil {
		ranked[0].State, ranked[0].Reason = Incompatible, "its config names no platform"
		return ranked, -1
	}
	return ranked, platform.Best(matches)
}

// Visit reads the best entry.
func (s *selection) Visit(ctx context.Context, d ocispec.Descriptor, o store.Document, err error, _ bool) error {
	if err == nil {
		err = manifest.CheckMatchesEntry(o, d)
	}
	if err != nil {
		return manifest.EntryError(s.ref, d, err)
	}
	chosen := &s.candidates[s.best]
	if !manifest.IsIndex(d.MediaType) {
		return s.readPlatform(ctx, chosen, o)
	}
	if s.index, err = manifest.ParseIndex(o.Raw); err != nil {
		return fmt.Errorf("%s: %w", s.ref.WithDigest(d.Digest), err)
	}
	s.nested, chosen.State, chosen.Reason = d.Digest, Descended, chosen.Reason+", an index"
	return nil
}

// readPlatform decides about an entry without a platform by its config.
func (s *selection) readPlatform(ctx context.Context, candidate *Candidate, o store.Document) error {
	p, _, err := manifest.ReadConfigPlatform(ctx, s.r, s.ref.WithDigest(candidate.Digest), o)
	if err != nil {
		return err
	}
	if p == nil {
		candidate.State, candidate.Reason = Incompatible, "neither it nor its config names a platform"
		return nil
	}
	match := platform.Select(s.rule, s.want, []platform.Candidate{{Platform: p}})[0]
	candidate.Platform, candidate.PlatformText = p, platform.Format(*p)
	candidate.State, candidate.distance = Incompatible, match.Distance
	candidate.Reason = "no platform, but its config says: " + match.Reason
	if match.Fits() {
		candidate.State = Chosen
	}
	return nil
}

// Children returns the entries of the nested index that was chosen.
func (s *selection) Children(d ocispec.Descriptor) []ocispec.Descriptor {
	if d.Digest != s.nested {
		return nil
	}
	return s.index.Manifests
}

// TooDeep fails: the best entry is not known.
func (s *selection) TooDeep(ocispec.Descriptor) error { return manifest.NestingError(s.ref) }

// TooMany fails likewise.
func (s *selection) TooMany() error { return manifest.TooManyError(s.ref) }
