// Package transfer copies manifests and their blobs from one repository to
// another. FetchChildren lists what an index needs, in the order in which it can
// be written; a Copier writes it, each blob once.
package transfer

import (
	"context"
	"fmt"
	"sync"

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
	From     reference.Ref
	Document store.Document
	// Config holds the bytes of the config if they were read already.
	Config []byte
}

// Copier copies manifests and their blobs into one repository; a blob that
// several of them share is copied once. It is safe for concurrent use.
type Copier struct {
	CopierOptions
	w     manifest.Writer
	to    reference.Ref
	blobs oncemap.Map[digest.Digest, struct{}]
	// missing holds the digests of the layers that were passed to Skip.
	missing sync.Map
}

// CopierOptions are the choices of a Copier.
type CopierOptions struct {
	// Hints are what is known of every blob.
	Hints store.CopyHints
	// BackOff is called before blobs that a registry lost are sent again; its error
	// ends the copy.
	BackOff func(context.Context) error
	// NonDistributable copies non-distributable layers as well. One that its source
	// does not have is passed to Skip, whose error ends the copy.
	NonDistributable bool
	Skip             func(error) error
}

// NewCopier returns a Copier into the repository of to.
func NewCopier(w manifest.Writer, to reference.Ref, o CopierOptions) *Copier {
	return &Copier{CopierOptions: o, w: w, to: to}
}

// CopyAll copies images in parallel; nested indexes follow, in order. An error
// names the image or blob that could not be copied.
func (c *Copier) CopyAll(ctx context.Context, copies []Copy) error {
	g, gctx := errgroup.WithContext(ctx)
	var indexes []Copy
	for _, one := range copies {
		if manifest.IsIndex(one.Document.Descriptor.MediaType) {
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
	m, err := manifest.ParseManifest(one.Document.Raw)
	if err != nil {
		return fmt.Errorf("%s: %w", one.From, err)
	}
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return c.copyBlob(gctx, one.From, m.Config, one.Config) })
	for _, d := range m.Layers {
		if !manifest.IsNonDistributable(d.MediaType) {
			g.Go(func() error { return c.copyBlob(gctx, one.From, d, nil) })
		} else if c.NonDistributable {
			g.Go(func() error { return c.copyNonDistributable(gctx, one.From, d) })
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	err = c.putManifest(ctx, one)
	if store.IsBlobUnknown(err) && c.repairBlobs(ctx, one, m) == nil {
		err = c.putManifest(ctx, one)
	}
	return c.explainSkipped(m.Layers, err)
}

func (c *Copier) copyBlob(ctx context.Context, from reference.Ref, d ocispec.Descriptor, content []byte) error {
	if err := manifest.ValidateDescriptor(d); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	_, err := c.blobs.Do(ctx, d.Digest, func() (struct{}, error) {
		hints := c.Hints
		hints.Content = content
		return struct{}{}, c.w.CopyBlob(ctx, from, c.to, d, hints)
	})
	return err
}

func (c *Copier) putManifest(ctx context.Context, one Copy) error {
	if err := c.w.Put(ctx, c.to.WithDigest(one.Document.Descriptor.Digest), one.Document); err != nil {
		return fmt.Errorf("pushing target manifest component reference: %w", err)
	}
	return nil
}
