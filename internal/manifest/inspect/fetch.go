package inspect

import (
	"context"
	"errors"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/selection"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// fillEntries reads the manifests that the entries of an index lead to, and the
// configs of images if configs is set, and adds them to the entries. Missing
// and mismatching ones are marked as such; an index that is nested too deep is left
// unread. If path is not nil, only the entries on it are read, and the others
// are marked as filtered.
func fillEntries(ctx context.Context, r manifest.Reader, ref reference.Ref, index *manifest.Index, path []selection.Candidate, configs bool) error {
	f := &entryFiller{r: r, ref: ref, configs: configs, path: path, found: map[digest.Digest]*manifest.Entry{}}
	f.filter(index)
	return manifest.Walk(ctx, r, entriesOf(index), f)
}

// entryFiller is the visitor of fillEntries.
type entryFiller struct {
	r       manifest.Reader
	ref     reference.Ref
	configs bool

	// path is what remains of the path to the chosen entry.
	path []selection.Candidate

	mu sync.Mutex
	// found holds the first entry for each manifest.
	found map[digest.Digest]*manifest.Entry
}

// filter marks the entries of an index that are not on the path, and takes the first
// step of it. At most one entry of each index is read then.
func (f *entryFiller) filter(x *manifest.Index) {
	if len(f.path) == 0 {
		return
	}
	for i := range x.Entries {
		x.Entries[i].Filtered = i != f.path[0].Position-1
	}
	f.path = f.path[1:]
}

func entriesOf(x *manifest.Index) []*manifest.Entry {
	if x == nil {
		return nil
	}
	all := make([]*manifest.Entry, len(x.Entries))
	for i := range x.Entries {
		all[i] = &x.Entries[i]
	}
	return all
}

// Target returns the manifest that an entry names.
func (f *entryFiller) Target(e *manifest.Entry) (reference.Ref, ocispec.Descriptor) {
	return f.ref.WithDigest(e.Descriptor.Digest), e.Descriptor
}

// Select returns the entries that can be read and that --platform leaves.
func (f *entryFiller) Select(_ context.Context, level []*manifest.Entry) []*manifest.Entry {
	var selected []*manifest.Entry
	for _, e := range level {
		if !e.Filtered && manifest.IsFetchable(e.Descriptor) {
			selected = append(selected, e)
		}
	}
	return selected
}

// Visit adds a manifest to its entry.
func (f *entryFiller) Visit(ctx context.Context, e *manifest.Entry, o store.Document, err error, repeated bool) error {
	if errors.Is(err, store.ErrNotFound) {
		e.Missing = true
		return nil
	}
	if err == nil {
		e.Mismatch = mismatch(o, e.Descriptor)
	}
	if err == nil && repeated {
		first := f.found[e.Descriptor.Digest]
		e.Manifest, e.Config, e.ConfigMissing, e.Repeated = first.Manifest, first.Config, first.ConfigMissing, first.Index != nil
		return nil
	}
	if err == nil {
		err = f.fill(ctx, e, o)
	}
	if err != nil {
		return manifest.EntryError(f.ref, e.Descriptor, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.found[e.Descriptor.Digest] = e
	return nil
}

// mismatch says how a manifest differs from its entry; "" if it does not.
func mismatch(o store.Document, d ocispec.Descriptor) string {
	if err := manifest.CheckMatchesEntry(o, d); err != nil {
		return err.Error()
	}
	return ""
}

// fill parses a manifest and reads its config. One of another type than its entry
// says is parsed by its own, but an index under another type is not followed.
func (f *entryFiller) fill(ctx context.Context, e *manifest.Entry, o store.Document) error {
	switch t := o.Descriptor.MediaType; {
	case manifest.IsIndex(t) && !e.IsIndex(), !manifest.IsIndex(t) && !manifest.IsImage(t):
		return nil
	case manifest.IsIndex(t):
		parsed, err := manifest.ParseIndex(o.Raw)
		if e.Index = newIndex(parsed); err == nil {
			f.filter(e.Index)
		}
		return err
	}
	m, err := manifest.ParseManifest(o.Raw)
	e.Manifest = &m
	if err != nil || !f.configs || manifest.IsArtifact(m) || e.IsAttestation() {
		return err
	}
	config, err := readConfig(ctx, f.r, f.ref.WithDigest(e.Descriptor.Digest), m)
	var unreadable *manifest.ConfigError
	switch {
	case errors.Is(err, store.ErrNotFound):
		e.ConfigMissing = true
		return nil
	case errors.As(err, &unreadable) && e.Descriptor.Platform != nil:
		return f.r.Warn(err.Error())
	}
	e.Config = &config
	return err
}

// Children returns the entries of a nested index.
func (f *entryFiller) Children(e *manifest.Entry) []*manifest.Entry { return entriesOf(e.Index) }

// TooDeep leaves an index unread: Entry.IsTooDeep reports it.
func (f *entryFiller) TooDeep(*manifest.Entry) error { return nil }

// TooMany fails: the rest could not be shown.
func (f *entryFiller) TooMany() error { return manifest.TooManyError(f.ref) }

// newIndex is a parsed index of which nothing was read further.
func newIndex(parsed ocispec.Index) *manifest.Index {
	x := &manifest.Index{
		SchemaVersion: parsed.SchemaVersion, MediaType: parsed.MediaType, ArtifactType: parsed.ArtifactType,
		Subject: parsed.Subject, Annotations: parsed.Annotations, Entries: make([]manifest.Entry, len(parsed.Manifests)),
	}
	for i, d := range parsed.Manifests {
		x.Entries[i].Descriptor = d
	}
	return x
}
