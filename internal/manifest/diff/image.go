package diff

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/store"
)

// imageDiffer compares pairs of entries, and the images behind those that differ.
type imageDiffer struct {
	r             manifest.Reader
	before, after manifest.Root
	shallow       bool
}

func (c *imageDiffer) compare(ctx context.Context, pairs []entryPair) ([]EntryDifference, error) {
	all := make([]EntryDifference, len(pairs))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(manifest.MaxConcurrent)
	for i, p := range pairs {
		all[i] = p.difference()
		if all[i].State == Changed && p.isReadable() && !c.shallow {
			g.Go(func() error { return c.images(ctx, p, &all[i]) })
		}
	}
	return all, g.Wait()
}

// isReadable reports whether the pair is two images that are not the same one.
func (p entryPair) isReadable() bool {
	for _, e := range []*sideEntry{p.before, p.after} {
		if e.kind() != manifest.KindImage || manifest.HasUnsupportedDigest(e.Descriptor) {
			return false
		}
	}
	return p.before.Digest != p.after.Digest
}

// images reads both images and adds how they differ.
func (c *imageDiffer) images(ctx context.Context, p entryPair, d *EntryDifference) error {
	var was, is *ocispec.Manifest
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { was, err = c.read(gctx, c.before, p.before); return err })
	g.Go(func() (err error) { is, err = c.read(gctx, c.after, p.after); return err })
	if err := g.Wait(); err != nil {
		return err
	}
	if was == nil {
		d.note("the old manifest is missing")
	}
	if is == nil {
		d.note("the new manifest is missing")
	}
	if was == nil || is == nil {
		return nil
	}
	d.Layers = compareLayers(was.Layers, is.Layers)
	var f fieldChanges
	f.compare("manifest.artifactType", was.ArtifactType, is.ArtifactType)
	f.compare("manifest.subject", subjectDigest(was.Subject), subjectDigest(is.Subject))
	f.compare("manifest.config.mediaType", was.Config.MediaType, is.Config.MediaType)
	f.compareMaps(prefixKeys("manifest.annotations", was.Annotations), prefixKeys("manifest.annotations", is.Annotations))
	d.Fields = append(d.Fields, f...)
	if was.Config.Digest == is.Config.Digest || !manifest.IsConfig(was.Config.MediaType) || !manifest.IsConfig(is.Config.MediaType) {
		return nil
	}
	return c.configs(ctx, *was, *is, d)
}

// read reads the manifest of one side; nil where it is gone.
func (c *imageDiffer) read(ctx context.Context, n manifest.Root, e *sideEntry) (*ocispec.Manifest, error) {
	o, err := n.Document, error(nil)
	if e.Digest != n.Descriptor.Digest {
		o, err = manifest.FetchChild(ctx, c.r, n.Ref, e.Descriptor)
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, manifest.EntryError(n.Ref, e.Descriptor, err)
	}
	m, err := manifest.ParseManifest(o.Raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.Ref.WithDigest(e.Digest), err)
	}
	return &m, nil
}

// configs reads both configs and adds how they differ.
func (c *imageDiffer) configs(ctx context.Context, was, is ocispec.Manifest, d *EntryDifference) error {
	var before, after []byte
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { before, err = c.config(ctx, c.before, was); return err })
	g.Go(func() (err error) { after, err = c.config(ctx, c.after, is); return err })
	if err := g.Wait(); errors.Is(err, store.ErrNotFound) {
		d.note("the configs cannot be compared: %v", err)
		return nil
	} else if err != nil {
		return err
	}
	f, err := configFields(before, after)
	d.Fields = append(d.Fields, f...)
	return err
}

// config returns the config of an image on one side.
func (c *imageDiffer) config(ctx context.Context, n manifest.Root, m ocispec.Manifest) ([]byte, error) {
	if n.Config != nil {
		return n.Config, nil
	}
	config, err := manifest.ReadConfig(ctx, c.r, n.Ref, m)
	return config.Raw, err
}

// compareLayers pairs layers by their digests.
func compareLayers(was, is []ocispec.Descriptor) *LayerChange {
	l := &LayerChange{Added: []Layer{}, Removed: []Layer{}}
	left := map[digest.Digest]int{}
	for _, d := range was {
		left[d.Digest]++
	}
	for _, d := range is {
		if left[d.Digest]--; left[d.Digest] >= 0 {
			l.Shared++
			l.SharedBytes += d.Size
			continue
		}
		left[d.Digest] = 0
		l.Added = append(l.Added, Layer{d.Digest, d.Size})
		l.AddedBytes += d.Size
	}
	for _, d := range slices.Backward(was) {
		if left[d.Digest] > 0 {
			left[d.Digest]--
			l.Removed = append(l.Removed, Layer{d.Digest, d.Size})
			l.RemovedBytes += d.Size
		}
	}
	slices.Reverse(l.Removed)
	l.Reordered = len(l.Added)+len(l.Removed) == 0 && !slices.EqualFunc(was, is, sameDigest)
	return l
}
