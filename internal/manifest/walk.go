package manifest

import (
	"context"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// Visitor decides which manifests Walk fetches and handles them. E is an entry
// of an index in the form that the visitor needs. All methods except Visit are
// called by one goroutine.
type Visitor[E any] interface {
	// Target returns the manifest that an entry names, by its digest, and the
	// entry's descriptor.
	Target(e E) (reference.Ref, ocispec.Descriptor)
	// Select returns the entries of a level whose manifests will be fetched.
	Select(ctx context.Context, level []E) []E
	// Visit receives the manifest of a selected entry, or the error of fetching
	// it. Visit is called concurrently. repeated is set if an earlier entry
	// names the same manifest: Raw is empty then, and Visit is called after
	// the one for the earlier entry has returned.
	Visit(ctx context.Context, e E, o store.Document, err error, repeated bool) error
	// Children returns the entries of the index that a visited entry names, nil
	// if it names an image or could not be read.
	Children(e E) []E
	// TooDeep is called for a selected index that is nested more than MaxDepth
	// deep, before the rest of its level is fetched. It is not fetched.
	TooDeep(e E) error
	// TooMany is called if there are more than MaxEntries entries. The walk ends
	// with its error, before the level that has too many is fetched.
	TooMany() error
}

// Walk fetches the manifests that the entries of an index lead to, level by
// level, and passes them to the visitor. Each manifest is fetched once and each
// nested index is followed once, however many entries name it: a few small
// indexes that name each other many times would otherwise cost billions of
// requests. The first error of the visitor ends the walk and is returned.
func Walk[E any](ctx context.Context, r Reader, entries []E, v Visitor[E]) error {
	w := &walk[E]{r: r, v: v, fetched: map[string]*fetchedDocument{}, followed: map[digest.Digest]bool{}}
	total := 0
	for depth := 1; len(entries) > 0; depth++ {
		if total += len(entries); total > MaxEntries {
			return v.TooMany()
		}
		next, err := w.level(ctx, entries, depth)
		if err != nil {
			return err
		}
		entries = next
	}
	return nil
}

// walk is the state of one Walk.
type walk[E any] struct {
	r        Reader
	v        Visitor[E]
	fetched  map[string]*fetchedDocument // by reference
	followed map[digest.Digest]bool
}

// fetchedDocument is the result of fetching a manifest, without its bytes: the
// manifests of thousands of entries are not held in memory.
type fetchedDocument struct {
	descriptor ocispec.Descriptor
	err        error
}

// level fetches what the entries of one level name and returns the next level.
func (w *walk[E]) level(ctx context.Context, entries []E, depth int) ([]E, error) {
	first, repeated, err := w.split(w.v.Select(ctx, entries), depth)
	if err != nil {
		return nil, err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(MaxConcurrent)
	for _, e := range first {
		ref, _ := w.v.Target(e)
		result := w.fetched[ref.String()]
		g.Go(func() (err error) {
			defer RecoverPanic(&err)
			o, err := w.r.Get(gctx, ref)
			*result = fetchedDocument{o.Descriptor, err}
			return w.v.Visit(gctx, e, o, err, false)
		})
	}
	if err := g.Wait(); err != nil {
		RaisePanic(err)
		return nil, err
	}
	for _, e := range repeated {
		ref, _ := w.v.Target(e)
		result := w.fetched[ref.String()]
		if err := w.v.Visit(ctx, e, store.Document{Descriptor: result.descriptor}, result.err, true); err != nil {
			return nil, err
		}
	}
	return w.children(first), nil
}

// split separates the entries whose manifest no entry before them names from
// the others, and leaves out the indexes that are nested too deep.
func (w *walk[E]) split(entries []E, depth int) (first, repeated []E, err error) {
	for _, e := range entries {
		ref, d := w.v.Target(e)
		_, seen := w.fetched[ref.String()]
		switch {
		case seen:
			repeated = append(repeated, e)
		case depth == MaxDepth && IsIndex(d.MediaType):
			if err := w.v.TooDeep(e); err != nil {
				return nil, nil, err
			}
		default:
			w.fetched[ref.String()] = &fetchedDocument{}
			first = append(first, e)
		}
	}
	return first, repeated, nil
}

// children returns the entries of the indexes that were visited, in order.
func (w *walk[E]) children(visited []E) []E {
	var next []E
	for _, e := range visited {
		_, d := w.v.Target(e)
		// The same index may be in several repositories.
		if w.followed[d.Digest] {
			continue
		}
		if entries := w.v.Children(e); len(entries) > 0 {
			w.followed[d.Digest] = true
			next = append(next, entries...)
		}
	}
	return next
}
