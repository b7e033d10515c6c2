package manifest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/store"
)

// comparer compares pairs of entries, and the images behind those that differ.
type comparer struct {
	r             Reader
	before, after named
	shallow       bool
}

func (c *comparer) compare(ctx context.Context, pairs []couple) ([]EntryDifference, error) {
	all := make([]EntryDifference, len(pairs))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i, p := range pairs {
		all[i] = p.difference()
		if all[i].State == Changed && p.isReadable() && !c.shallow {
			g.Go(func() error { return c.images(ctx, p, &all[i]) })
		}
	}
	return all, g.Wait()
}

// isReadable reports whether the pair is two images that are not the same one.
func (p couple) isReadable() bool {
	for _, e := range []*entry{p.before, p.after} {
		if e.kind() != KindImage || isUnsupported(e.Descriptor) {
			return false
		}
	}
	return p.before.Digest != p.after.Digest
}

// images reads both images and adds how they differ.
func (c *comparer) images(ctx context.Context, p couple, d *EntryDifference) error {
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
	var f fields
	f.text("manifest.artifactType", was.ArtifactType, is.ArtifactType)
	f.text("manifest.subject", subjectDigest(was.Subject), subjectDigest(is.Subject))
	f.text("manifest.config.mediaType", was.Config.MediaType, is.Config.MediaType)
	f.texts(keyed("manifest.annotations", was.Annotations), keyed("manifest.annotations", is.Annotations))
	d.Fields = append(d.Fields, f...)
	if was.Config.Digest == is.Config.Digest || !isConfig(was.Config.MediaType) || !isConfig(is.Config.MediaType) {
		return nil
	}
	return c.configs(ctx, *was, *is, d)
}

// read reads the manifest of one side; nil where it is gone.
func (c *comparer) read(ctx context.Context, n named, e *entry) (*ocispec.Manifest, error) {
	o, err := n.Document, error(nil)
	if e.Digest != n.Descriptor.Digest {
		o, err = child(ctx, c.r, n.ref, e.Descriptor)
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, entryError(n.ref, e.Descriptor, err)
	}
	m, err := parseManifest(o.Raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.ref.WithDigest(e.Digest), err)
	}
	return &m, nil
}

// configs reads both configs and adds how they differ.
func (c *comparer) configs(ctx context.Context, was, is ocispec.Manifest, d *EntryDifference) error {
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
func (c *comparer) config(ctx context.Context, n named, m ocispec.Manifest) ([]byte, error) {
	if n.config != nil {
		return n.config, nil
	}
	_, raw, err := readConfig(ctx, c.r, n.ref, m)
	return raw, err
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
