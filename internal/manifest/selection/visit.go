package selection

import (
	"context"
	"errors"
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

// visitor makes the choice for one platform. It descends only into
// the nested index that is the best entry, as containerd does.
type visitor struct {
	Selector
	want platform.Platform
	// candidates are those read so far; best is the position of the best one of
	// the index that was read last.
	candidates []Candidate
	best       int
	path       []int
	// index is the nested index that was chosen, nested its digest.
	index  ocispec.Index
	nested digest.Digest
}

// Target returns the manifest that an entry names.
func (s *visitor) Target(d ocispec.Descriptor) (reference.Ref, ocispec.Descriptor) {
	return s.Ref.WithDigest(d.Digest), d
}

// Select ranks the entries of one index and returns the best one if its
// manifest is needed: it is an index, or an entry without a platform.
func (s *visitor) Select(_ context.Context, entries []ocispec.Descriptor) []ocispec.Descriptor {
	ranked, best := s.rank(entries)
	at := s.best + 1
	s.candidates = slices.Insert(s.candidates, at, ranked...)
	if best < 0 {
		return nil
	}
	s.best = at + best
	s.path = append(s.path, s.best)
	chosen, d := &s.candidates[s.best], entries[best]
	switch {
	case manifest.IsIndex(d.MediaType), manifest.IsImage(d.MediaType) && d.Platform == nil && s.Rule.ReadsConfig() && !s.SingleImage:
		return entries[best : best+1]
	case !manifest.IsImage(d.MediaType):
		chosen.State, chosen.Reason = Incompatible, chosen.Reason+", but its type is not that of an image"
	default:
		chosen.State = Chosen
	}
	return nil
}

// rank applies the rule to the entries of one index; best is -1 if none fits.
func (s *visitor) rank(entries []ocispec.Descriptor) (ranked []Candidate, best int) {
	offers := make([]platform.Candidate, len(entries))
	for i, d := range entries {
		offers[i] = platform.Candidate{Platform: d.Platform, Zstd: d.Annotations[annotationZstd] == "true"}
	}
	matches := platform.Select(s.Rule, s.want, offers)
	ranked = make([]Candidate, len(entries))
	for i, d := range entries {
		m := matches[i]
		ranked[i] = Candidate{
			Position: i + 1, State: Incompatible, Reason: m.Reason, Platform: d.Platform, PlatformText: manifest.FormatPlatform(d.Platform),
			Digest: d.Digest, MediaType: d.MediaType, Size: d.Size, Nested: s.nested,
			distance: m.Distance, attestation: manifest.IsAttestation(d),
		}
		if m.Fits() {
			ranked[i].State = Compatible
		} else if ranked[i].attestation {
			ranked[i].Reason = "it is an attestation"
		}
	}
	if kind := manifest.BlobIndexKind(entries); kind != "" {
		for i := range ranked {
			ranked[i].State, ranked[i].Reason = Incompatible, "it is a blob: the index is "+kind
		}
		return ranked, -1
	}
	if s.SingleImage && entries[0].Platform == nil {
		ranked[0].State, ranked[0].Reason = Incompatible, "its config names no platform"
		return ranked, -1
	}
	return ranked, platform.Best(matches)
}

// Visit reads the best entry.
func (s *visitor) Visit(ctx context.Context, d ocispec.Descriptor, o store.Document, err error, _ bool) error {
	if err == nil {
		err = manifest.CheckMatchesEntry(o, d)
	}
	if err != nil {
		return manifest.EntryError(s.Ref, d, err)
	}
	chosen := &s.candidates[s.best]
	if !manifest.IsIndex(d.MediaType) {
		return s.readPlatform(ctx, chosen, o)
	}
	if s.index, err = manifest.ParseIndex(o.Raw); err != nil {
		return fmt.Errorf("%s: %w", s.Ref.WithDigest(d.Digest), err)
	}
	s.nested, chosen.State, chosen.Reason = d.Digest, Descended, chosen.Reason+", an index"
	return nil
}

// readPlatform decides about an entry without a platform by its config.
func (s *visitor) readPlatform(ctx context.Context, candidate *Candidate, o store.Document) error {
	p, _, err := manifest.ReadConfigPlatform(ctx, s.Reader, s.Ref.WithDigest(candidate.Digest), o)
	var unreadable *manifest.ConfigError
	if errors.As(err, &unreadable) {
		candidate.State, candidate.Reason = Incompatible, "its platform is unknown: it declares none, and its config cannot be read"
		return nil
	}
	if err != nil {
		return err
	}
	if p == nil {
		candidate.State, candidate.Reason = Incompatible, "neither it nor its config names a platform"
		return nil
	}
	match := platform.Select(s.Rule, s.want, []platform.Candidate{{Platform: p}})[0]
	candidate.Platform, candidate.PlatformText = p, platform.Format(*p)
	candidate.State, candidate.distance = Incompatible, match.Distance
	candidate.Reason = "no platform, but its config says: " + match.Reason
	if match.Fits() {
		candidate.State = Chosen
	}
	return nil
}

// Children returns the entries of the nested index that was chosen.
func (s *visitor) Children(d ocispec.Descriptor) []ocispec.Descriptor {
	if d.Digest != s.nested {
		return nil
	}
	return s.index.Manifests
}

// TooDeep fails: the best entry is not known.
func (s *visitor) TooDeep(ocispec.Descriptor) error { return manifest.NestingError(s.Ref) }

// TooMany fails likewise.
func (s *visitor) TooMany() error { return manifest.TooManyError(s.Ref) }
