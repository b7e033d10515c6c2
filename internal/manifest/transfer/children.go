package transfer

import (
	"context"
	"fmt"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// FetchChildren fetches the manifests that the entries of an index in ref's
// repository lead to. They are returned in the order in which they can be
// written: each once, and the children of a nested index before the index
// itself. A missing child, an index nested too deep, and a child that differs
// from its entry in size or media type are errors.
func FetchChildren(ctx context.Context, r manifest.Reader, ref reference.Ref, entries []ocispec.Descriptor) ([]Copy, error) {
	c := &childCollector{ref: ref, found: map[digest.Digest]fetchedChild{}}
	if err := manifest.Walk(ctx, r, entries, c); err != nil {
		return nil, err
	}
	return c.childrenFirst(entries), nil
}

// childCollector is the visitor of FetchChildren. It collects everything.
type childCollector struct {
	ref   reference.Ref
	mu    sync.Mutex
	found map[digest.Digest]fetchedChild
}

// fetchedChild is a manifest with its entries if it is an index.
type fetchedChild struct {
	object  store.Document
	entries []ocispec.Descriptor
}

// Target returns the manifest that an entry names.
func (c *childCollector) Target(d ocispec.Descriptor) (reference.Ref, ocispec.Descriptor) {
	return c.ref.WithDigest(d.Digest), d
}

// Select returns all entries.
func (c *childCollector) Select(_ context.Context, level []ocispec.Descriptor) []ocispec.Descriptor {
	return level
}

// Visit stores the manifest of an entry.
func (c *childCollector) Visit(_ context.Context, d ocispec.Descriptor, o store.Document, err error, repeated bool) error {
	if err == nil {
		err = manifest.CheckMatchesEntry(o, d)
	}
	if err != nil {
		return manifest.EntryError(c.ref, d, err)
	}
	if repeated {
		return nil
	}
	child := fetchedChild{object: o}
	if manifest.IsIndex(o.Descriptor.MediaType) {
		index, err := manifest.ParseIndex(o.Raw)
		if err != nil {
			return fmt.Errorf("%s: %w", c.ref.WithDigest(d.Digest), err)
		}
		child.entries = index.Manifests
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.found[d.Digest] = child
	return nil
}

// Children returns the entries of a nested index.
func (c *childCollector) Children(d ocispec.Descriptor) []ocispec.Descriptor {
	return c.found[d.Digest].entries
}

// TooDeep fails: an index cannot be written without its children.
func (c *childCollector) TooDeep(ocispec.Descriptor) error { return manifest.NestingError(c.ref) }

// TooMany fails likewise.
func (c *childCollector) TooMany() error { return manifest.TooManyError(c.ref) }

// childrenFirst lists the manifests, each once and after all that it names.
func (c *childCollector) childrenFirst(entries []ocispec.Descriptor) []Copy {
	var all []Copy
	for _, d := range entries {
		child, left := c.found[d.Digest]
		if !left {
			continue
		}
		delete(c.found, d.Digest)
		all = append(all, c.childrenFirst(child.entries)...)
		all = append(all, Copy{From: c.ref.WithDigest(d.Digest), Document: child.object})
	}
	return all
}
