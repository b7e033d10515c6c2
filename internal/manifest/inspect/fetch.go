package inspect

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// entryFetcher fills in the entries of an index with what is behind them, level by
// level, each manifest fetched once. Unlike a walk, which is for copying, it
// goes on where something is missing, and stops at maxDepth without an error.
type entryFetcher struct {
	r       manifest.Reader
	ref     reference.Ref
	configs bool

	mu    sync.Mutex
	found map[digest.Digest]*fetchedManifest
	total int
}

// fetchedManifest is a manifest or index that was looked for. There may be thousands, so
// it holds no more than it has to.
type fetchedManifest struct {
	mediaType     string
	size          int64
	missing       bool
	manifest      *ocispec.Manifest
	index         *manifest.Index
	config        *ocispec.Image
	configMissing bool
}

func newTour(r manifest.Reader, ref reference.Ref, configs bool) *entryFetcher {
	return &entryFetcher{r: r, ref: ref, configs: configs, found: map[digest.Digest]*fetchedManifest{}}
}

// fetchAll reads what the entries of an index lead to.
func (t *entryFetcher) fetchAll(ctx context.Context, index *manifest.Index) error {
	level := []*manifest.Index{index}
	for depth := 1; len(level) > 0; depth++ {
		for _, x := range level {
			if t.total += len(x.Entries); t.total > manifest.MaxEntries {
				return fmt.Errorf("%s leads to more than %d manifests", t.ref, manifest.MaxEntries)
			}
		}
		next, err := t.fetchLevel(ctx, level, depth)
		if err != nil {
			return err
		}
		level = next
	}
	return nil
}

// fetchLevel reads the entries of some indexes, which lie depth deep, and returns the
// indexes among what they name.
func (t *entryFetcher) fetchLevel(ctx context.Context, indexes []*manifest.Index, depth int) (next []*manifest.Index, err error) {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(manifest.MaxConcurrent)
	for _, e := range entriesOf(indexes) {
		if e.IsIndex() && depth >= manifest.MaxDepth {
			continue
		}
		if !e.Filtered && manifest.IsFetchable(e.Descriptor) && t.markSeen(e.Descriptor.Digest) {
			g.Go(func() error { return t.fetch(gctx, e.Descriptor) })
		}
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for _, e := range entriesOf(indexes) {
		if e.Filtered || !manifest.IsFetchable(e.Descriptor) || t.found[e.Descriptor.Digest] == nil {
			continue
		}
		nested, err := t.fillEntry(e)
		if err != nil {
			return nil, manifest.EntryError(t.ref, e.Descriptor, err)
		}
		if nested != nil {
			next = append(next, nested)
		}
	}
	return next, nil
}

func entriesOf(indexes []*manifest.Index) []*manifest.Entry {
	var all []*manifest.Entry
	for _, x := range indexes {
		for i := range x.Entries {
			all = append(all, &x.Entries[i])
		}
	}
	return all
}

// markSeen notes that a digest is being looked for, and reports whether it was
// not before.
func (t *entryFetcher) markSeen(d digest.Digest) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, seen := t.found[d]; seen {
		return false
	}
	t.found[d] = nil
	return true
}

// fetch fetches what a descriptor names, and its config where that was asked
// for.
func (t *entryFetcher) fetch(ctx context.Context, d ocispec.Descriptor) error {
	var s fetchedManifest
	o, err := t.r.Get(ctx, t.ref.WithDigest(d.Digest))
	switch {
	case errors.Is(err, store.ErrNotFound):
		s.missing = true
	case err != nil:
		return manifest.EntryError(t.ref, d, err)
	default:
		if err := s.read(o); err != nil {
			return manifest.EntryError(t.ref, d, err)
		}
	}
	if t.configs && s.manifest != nil && !manifest.IsArtifact(*s.manifest) && !manifest.IsAttestation(d) {
		if err := s.addConfig(ctx, t.r, t.ref); err != nil {
			return manifest.EntryError(t.ref, d, err)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.found[d.Digest] = &s
	return nil
}

func (s *fetchedManifest) read(o store.Document) error {
	s.mediaType, s.size = o.Descriptor.MediaType, o.Descriptor.Size
	if manifest.IsIndex(o.Descriptor.MediaType) {
		parsed, err := manifest.ParseIndex(o.Raw)
		s.index = newIndex(parsed)
		return err
	}
	m, err := manifest.ParseManifest(o.Raw)
	s.manifest = &m
	return err
}

func (s *fetchedManifest) addConfig(ctx context.Context, r manifest.Reader, ref reference.Ref) error {
	config, _, err := manifest.ReadConfig(ctx, r, ref, *s.manifest)
	if errors.Is(err, store.ErrNotFound) {
		s.configMissing = true
		return nil
	}
	s.config = &config
	return err
}

// fillEntry fills in an entry with what was found, and returns the index behind it
// when no entry had it before.
func (t *entryFetcher) fillEntry(e *manifest.Entry) (*manifest.Index, error) {
	s := t.found[e.Descriptor.Digest]
	if s.missing {
		e.Missing = true
		return nil, nil
	}
	seen := store.Document{Descriptor: ocispec.Descriptor{MediaType: s.mediaType, Size: s.size}}
	if err := manifest.CheckMatchesEntry(seen, e.Descriptor); err != nil {
		return nil, err
	}
	e.Manifest, e.Config, e.ConfigMissing = s.manifest, s.config, s.configMissing
	if s.manifest == nil {
		e.Index, s.index = s.index, nil
		e.SeenBefore = e.Index == nil
	}
	return e.Index, nil
}

// newIndex is a parsed index of which nothing was read further.
func newIndex(parsed ocispec.Index) *manifest.Index {
	x := &manifest.Index{
		SchemaVersion: parsed.SchemaVersion, MediaType: parsed.MediaType, ArtifactType: parsed.ArtifactType,
		Subject: parsed.Subject, Annotations: parsed.Annotations, Entries: make([]manifest.Entry, len(parsed.Manifests)),
	}
	for i, d := range parsed.Manifests {
		x.Entries[i].Descriptor = d
	}
	return x
}
