package transfer

import (
	"context"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/store"
)

// repairBlobs copies the blobs of an image again that the registry reports as
// unknown although all of them were just sent or found there. It requests each
// and sends those that are really missing. While other pushes write the same
// blob, a registry may not find it.
func (c *Copier) repairBlobs(ctx context.Context, one Copy, m ocispec.Manifest) error {
	if err := c.BackOff(ctx); err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	send := func(d ocispec.Descriptor, content []byte) {
		g.Go(func() error {
			if _, err := c.w.HeadBlob(gctx, c.to, d); err == nil {
				return nil
			}
			return c.w.CopyBlob(gctx, one.From, c.to, d, store.CopyHints{Content: content, Force: true})
		})
	}
	send(m.Config, one.Config)
	for _, d := range m.Layers {
		if c.NonDistributable || !manifest.IsNonDistributable(d.MediaType) {
			send(d, nil)
		}
	}
	return g.Wait()
}
