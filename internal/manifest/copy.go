package manifest

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/store"
)

// copyAll makes the children and their blobs present in the target's
// repository.
func copyAll(ctx context.Context, w Writer, p Plan, o PushOptions) error {
	return newCopier(w, p, o).all(ctx, p.Copies)
}

// copier copies the children of one push; a blob that several of them share
// is copied once.
type copier struct {
	w       Writer
	to      store.Ref
	options PushOptions
	// known is what is known of every blob: those of a new tag are most
	// likely new to the repository as well.
	known store.CopyHints
	mu    sync.Mutex
	blobs map[digest.Digest]func() error
}

func newCopier(w Writer, p Plan, o PushOptions) *copier {
	fresh := p.Present.Digest == "" && p.Present.Err == nil
	return &copier{w: w, to: p.Target, options: o, known: store.CopyHints{Absent: fresh}, blobs: map[digest.Digest]func() error{}}
}

// all copies images in parallel; nested indexes follow, in order.
func (c *copier) all(ctx context.Context, copies []Copy) error {
	g, gctx := errgroup.WithContext(ctx)
	var indexes []Copy
	for _, one := range copies {
		if isIndex(one.Object.Descriptor.MediaType) {
			indexes = append(indexes, one)
			continue
		}
		g.Go(func() error { return c.image(gctx, one) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, one := range indexes {
		if err := c.put(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

func (c *copier) image(ctx context.Context, one Copy) error {
	m, err := parseManifest(one.Object.Raw)
	if err != nil {
		return fmt.Errorf("%s: %w", one.From, err)
	}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return c.blob(gctx, one.From, m.Config, one.Config) })
	for _, d := range m.Layers {
		if !isForeign(d.MediaType) {
			g.Go(func() error { return c.blob(gctx, one.From, d, nil) })
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	err = c.put(ctx, one)
	if store.IsBlobUnknown(err) && c.mend(ctx, one, m) == nil {
		err = c.put(ctx, one)
	}
	return err
}

func (c *copier) blob(ctx context.Context, from store.Ref, d ocispec.Descriptor, content []byte) error {
	if err := checkDescriptor(d); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	c.mu.Lock()
	once, ok := c.blobs[d.Digest]
	if !ok {
		known := c.known
		known.Content = content
		once = sync.OnceValue(func() error { return c.w.CopyBlob(ctx, from, c.to, d, known) })
		c.blobs[d.Digest] = once
	}
	c.mu.Unlock()
	return once()
}

func (c *copier) put(ctx context.Context, one Copy) error {
	if err := c.w.Put(ctx, c.to.WithDigest(one.Object.Descriptor.Digest), one.Object); err != nil {
		return fmt.Errorf("pushing target manifest component reference: %w", err)
	}
	return nil
}

// isForeign reports whether a layer is not to be distributed: registries have
// no bytes of it, its URLs say where they are.
func isForeign(mediaType string) bool {
	return strings.Contains(mediaType, "foreign") || strings.Contains(mediaType, "nondistributable")
}
