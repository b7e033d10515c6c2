package transfer

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// childFetcher fetches what an index leads to, each manifest once, however many
// indexes name it: a few small indexes that name each other many times would
// otherwise cost billions of requests.
type childFetcher struct {
	r   manifest.Reader
	ref reference.Ref

	mu    sync.Mutex
	found map[digest.Digest]fetchedChild
}

// fetchedChild is a manifest that was fetched, with the entries it has if it is an
// index.
type fetchedChild struct {
	object  store.Document
	entries []ocispec.Descriptor
}

// FetchChildren fetches the manifests of an index, those of nested indexes before
// the nested index itself, so that they can be written in that order.
func FetchChildren(ctx context.Context, r manifest.Reader, ref reference.Ref, entries []ocispec.Descriptor) ([]Copy, error) {
	w := &childFetcher{r: r, ref: ref, found: map[digest.Digest]fetchedChild{}}
	level := entries
	for depth := 1; len(level) > 0; depth++ {
		if depth == manifest.MaxDepth && slices.ContainsFunc(level, w.isNewIndex) {
			return nil, manifest.NestingError(ref)
		}
		next, err := w.level(ctx, level)
		if err != nil {
			return nil, err
		}
		level = next
	}
	return w.childrenFirst(entries), nil
}

// isNewIndex reports whether an entry names an index that was not found yet.
func (w *childFetcher) isNewIndex(d ocispec.Descriptor) bool {
	_, seen := w.found[d.Digest]
	return !seen && manifest.IsIndex(d.MediaType)
}

// level fetches what the entries name, where that is not there yet, and
// returns the entries of the indexes among it.
func (w *childFetcher) level(ctx context.Context, entries []ocispec.Descriptor) (next []ocispec.Descriptor, err error) {
	fresh := map[digest.Digest]ocispec.Descriptor{}
	for _, d := range entries {
		if _, seen := w.found[d.Digest]; !seen {
			fresh[d.Digest] = d
		}
	}
	if len(w.found)+len(fresh) > manifest.MaxEntries {
		return nil, fmt.Errorf("%s leads to more than %d manifests", w.ref, manifest.MaxEntries)
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(manifest.MaxConcurrent)
	for _, d := range fresh {
		g.Go(func() error { return w.fetch(gctx, d) })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for _, d := range entries {
		if err := manifest.CheckMatchesEntry(w.found[d.Digest].object, d); err != nil {
			return nil, manifest.EntryError(w.ref, d, err)
		}
		if _, is := fresh[d.Digest]; is {
			next = append(next, w.found[d.Digest].entries...)
			delete(fresh, d.Digest)
		}
	}
	return next, nil
}

func (w *childFetcher) fetch(ctx context.Context, d ocispec.Descriptor) error {
	o, err := manifest.GetChild(ctx, w.r, w.ref, d)
	if err != nil {
		return manifest.EntryError(w.ref, d, err)
	}
	one := fetchedChild{object: o}
	if manifest.IsIndex(o.Descriptor.MediaType) {
		index, err := manifest.ParseIndex(o.Raw)
		if err != nil {
			return fmt.Errorf("%s: %w", w.ref.WithDigest(d.Digest), err)
		}
		one.entries = index.Manifests
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.found[d.Digest] = one
	return nil
}

// childrenFirst lists what was found, each manifest once and behind all it names.
func (w *childFetcher) childrenFirst(entries []ocispec.Descriptor) []Copy {
	var all []Copy
	for _, d := range entries {
		one, left := w.found[d.Digest]
		if !left {
			continue
		}
		delete(w.found, d.Digest)
		all = append(all, w.childrenFirst(one.entries)...)
		all = append(all, Copy{From: w.ref.WithDigest(d.Digest), Object: one.object})
	}
	return all
}
