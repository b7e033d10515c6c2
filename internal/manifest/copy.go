package manifest

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// copyChildren makes the children and their blobs present in the target's
// repository.
func copyChildren(ctx context.Context, w Writer, p Plan, o PushOptions) error {
	return newCopier(w, p, o).copyAll(ctx, p.Copies)
}

// copier copies the children of one push; a blob that several of them share
// is copied once.
type copier struct {
	w       Writer
	to      reference.Ref
	options PushOptions
	// known is what is known of every blob: those of a new tag are most
	// likely new to the repository as well.
	known store.CopyHints
	mu    sync.Mutex
	blobs map[digest.Digest]func() error
}

func newCopier(w Writer, p Plan, o PushOptions) *copier {
	fresh := p.Current.Digest == "" && p.Current.Err == nil
	return &copier{w: w, to: p.Target, options: o, known: store.CopyHints{Absent: fresh}, blobs: map[digest.Digest]func() error{}}
}

// copyAll copies images in parallel; nested indexes follow, in order.
func (c *copier) copyAll(ctx context.Context, copies []Copy) error {
	g, gctx := errgroup.WithContext(ctx)
	var indexes []Copy
	for _, one := range copies {
		if isIndex(one.Object.Descriptor.MediaType) {
			indexes = append(indexes, one)
			continue
		}
		g.Go(func() error { return c.copyImage(gctx, one) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, one := range indexes {
		if err := c.putManifest(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

func (c *copier) copyImage(ctx context.Context, one Copy) error {
	m, err := parseManifest(one.Object.Raw)
	if err != nil {
		return fmt.Errorf("%s: %w", one.From, err)
	}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return c.copyBlob(gctx, one.From, m.Config, one.Config) })
	for _, d := range m.Layers {
		if !isNonDistributable(d.MediaType) {
			g.Go(func() error { return c.copyBlob(gctx, one.From, d, nil) })
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	err = c.putManifest(ctx, one)
	if store.IsBlobUnknown(err) && c.repairBlobs(ctx, one, m) == nil {
		err = c.putManifest(ctx, one)
	}
	return err
}

func (c *copier) copyBlob(ctx context.Context, from reference.Ref, d ocispec.Descriptor, content []byte) error {
	if err := validateDescriptor(d); err != nil {
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

func (c *copier) putManifest(ctx context.Context, one Copy) error {
	if err := c.w.Put(ctx, c.to.WithDigest(one.Object.Descriptor.Digest), one.Object); err != nil {
		return fmt.Errorf("pushing target manifest component reference: %w", err)
	}
	return nil
}

// isNonDistributable reports whether a layer is not to be distributed: registries have
// no bytes of it, its URLs say where they are.
func isNonDistributable(mediaType string) bool {
	return strings.Contains(mediaType, "foreign") || strings.Contains(mediaType, "nondistributable")
}
