package manifest

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/store"
)

// Inspect fetches what ref names: an index with all its children, or an image
// with its config. Children that are gone are marked Missing; any other
// failure is an error. name is the reference as the user typed it.
func Inspect(ctx context.Context, r Reader, name string) (Inspection, error) {
	ref, err := store.Parse(name)
	if err != nil {
		return Inspection{}, &InputError{Err: fmt.Errorf("error parsing image reference: %w", err)}
	}
	if err := ref.NeedsManifest(); err != nil {
		return Inspection{}, &InputError{Err: err}
	}
	r.Expect(ref, false)
	o, err := r.Get(ctx, ref)
	if err != nil {
		return Inspection{}, fmt.Errorf("error fetching image descriptor: %w", err)
	}
	in := Inspection{Name: name, Descriptor: o.Descriptor, Raw: o.Raw}
	switch {
	case isIndex(o.Descriptor.MediaType):
		in.Index, err = inspectIndex(ctx, r, ref, o.Raw)
	case isImage(o.Descriptor.MediaType):
		in.Image, err = inspectImage(ctx, r, ref, o.Raw)
	default:
		err = fmt.Errorf("unknown descriptor type: %s", o.Descriptor.MediaType)
	}
	return in, err
}

// atOnce is how many entries are worked on together: more than any host takes
// requests at once, and few enough that thousands of entries cost no memory.
const atOnce = 128

func inspectIndex(ctx context.Context, r Reader, ref store.Ref, raw []byte) (*Index, error) {
	index, err := parseIndex(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	found := &Index{SchemaVersion: index.SchemaVersion, MediaType: index.MediaType, Annotations: index.Annotations}
	found.Entries = make([]Entry, len(index.Manifests))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i, d := range index.Manifests {
		found.Entries[i].Descriptor = d
		if isImage(d.MediaType) && !isUnsupported(d) {
			g.Go(func() error { return inspectEntry(ctx, r, ref, &found.Entries[i]) })
		}
	}
	return found, g.Wait()
}

func inspectEntry(ctx context.Context, r Reader, ref store.Ref, e *Entry) error {
	o, err := child(ctx, r, ref, e.Descriptor)
	if errors.Is(err, store.ErrNotFound) {
		e.Missing = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading entry %s of %s: %w", e.Descriptor.Digest, ref, err)
	}
	m, err := parseManifest(o.Raw)
	e.Manifest = &m
	return err
}

func inspectImage(ctx context.Context, r Reader, ref store.Ref, raw []byte) (*Image, error) {
	m, err := parseManifest(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	config, _, err := readConfig(ctx, r, ref, m)
	return &Image{Manifest: m, Config: config}, err
}
