// Package transfer copies manifests and their blobs from one repository to
// another. FetchChildren lists what an index needs, in the order in which it can
// be written; a Copier writes it, each blob once.
package transfer

import (
	"context"
	"fmt"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/oncemap"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// Copy is a manifest to be copied to the target's repository, with the blobs it
// names, before the index that names it.
type Copy struct {
	// From is where the manifest came from; its blobs are in the same
	// repository.
	From   reference.Ref
	Object store.Document
	// Config holds the bytes of the config if they were read already.
	Config []byte
}

// Copier copies manifests and their blobs into one repository; a blob that
// several of them share is copied once. It is safe for concurrent use.
type Copier struct {
	w       manifest.Writer
	to      reference.Ref
	backOff func(context.Context) error
	hints   store.CopyHints
	blobs   oncemap.Map[digest.Digest, struct{}]
}

// NewCopier returns a Copier into the repository of to. hints are what is known
// of every blob. backOff is called before blobs that a registry lost are sent
// again; its error ends the copy.
func NewCopier(w manifest.Writer, to reference.Ref, hints store.CopyHints, backOff func(context.Context) error) *Copier {
	return &Copier{w: w, to: to, hints: hints, backOff: backOff}
}

// CopyAll copies images in parallel; nested indexes follow, in order. An error
// names the image or blob that could not be copied.
func (c *Copier) CopyAll(ctx context.Context, copies []Copy) error {
	g, gctx := errgroup.WithContext(ctx)
	var indexes []Copy
	for _, one := range copies {
		if manifest.IsIndex(one.Object.Descriptor.MediaType) {
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

func (c *Copier) copyImage(ctx context.Context, one Copy) error {
	m, err := manifest.ParseManifest(one.Object.Raw)
	if err != nil {
		return fmt.Errorf("%s: %w", one.From, err)
	}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return c.copyBlob(gctx, one.From, m.Config, one.Config) })
	for _, d := range m.Layers {
		if !manifest.IsNonDistributable(d.MediaType) {
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
	return explainSkipped(m.Layers, err)
}

func (c *Copier) copyBlob(ctx context.Context, from reference.Ref, d ocispec.Descriptor, content []byte) error {
	if err := manifest.ValidateDescriptor(d); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	_, err := c.blobs.Do(ctx, d.Digest, func() (struct{}, error) {
		hints := c.hints
		hints.Content = content
		return struct{}{}, c.w.CopyBlob(ctx, from, c.to, d, hints)
	})
	return err
}

func (c *Copier) putManifest(ctx context.Context, one Copy) error {
	if err := c.w.Put(ctx, c.to.WithDigest(one.Object.Descriptor.Digest), one.Object); err != nil {
		return fmt.Errorf("pushing target manifest component reference: %w", err)
	}
	return nil
}
