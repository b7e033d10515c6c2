package store

import (
	"context"
	"io"
	"manifest-tool/internal/reference"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// mirrored is the place of all registry references, with the mirrors of each
// registry in front of it. Mirrors are read, in the order the user gave, and
// never written; whatever they do not answer the registry does.
//
// A mirror may be behind its registry. So a run that writes reads tags at the
// registry, and whatever is in a repository that it writes: mirrors then give
// only what is known by its digest.
type mirrored struct {
	*registry
	mirrorsOf func(registry string) []string
	warn      func(string)

	mu      sync.Mutex
	mirrors map[string]*mirror // by what the user wrote
	written map[string]bool    // repositories
	writes  bool
}

func newMirrored(r *registry, o Options) *mirrored {
	m := &mirrored{registry: r, warn: o.Wire.Warn, mirrors: map[string]*mirror{}, written: map[string]bool{}}
	m.mirrorsOf = func(host string) []string { return o.host(host).Mirrors }
	return m
}

// expect announces a reference to the registry and, where it is read, to its
// mirrors.
func (m *mirrored) expect(ref reference.Ref, write bool) {
	if write {
		m.mu.Lock()
		m.writes = true
		m.written[ref.Repository.Name()] = true
		m.mu.Unlock()
	}
	m.wire.Announce(ref.Repository.RegistryStr(), ref.Repository.RepositoryStr(), write)
	if write {
		return
	}
	for _, one := range m.all(ref) {
		if there, err := one.repository(ref); err == nil {
			m.wire.AnnounceMirror(there.RegistryStr(), there.RepositoryStr())
		}
	}
}

// noteWrite notes that the run writes, though to no registry.
func (m *mirrored) noteWrite() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes = true
}

// all returns the mirrors of a reference's registry.
func (m *mirrored) all(ref reference.Ref) []*mirror {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []*mirror
	for _, at := range m.mirrorsOf(ref.Host()) {
		if m.mirrors[at] == nil {
			m.mirrors[at] = &mirror{address: at, probe: make(chan struct{}, 1)}
		}
		all = append(all, m.mirrors[at])
	}
	return all
}

// candidates returns the mirrors that may be asked for what ref names.
func (m *mirrored) candidates(ref reference.Ref) []*mirror {
	m.mu.Lock()
	itself := m.written[ref.Repository.Name()] || m.writes && ref.Digest == ""
	m.mu.Unlock()
	if itself {
		return nil
	}
	return m.all(ref)
}

// mayReadFrom reports whether reading from a reference may mean reading from the
// registry of another.
func (m *mirrored) mayReadFrom(from, registry reference.Ref) bool {
	if from.SameRegistry(registry) {
		return true
	}
	if from.Kind != reference.Registry || registry.Kind != reference.Registry {
		return false
	}
	for _, one := range m.all(from) {
		there, err := one.repository(from)
		if err == nil && there.RegistryStr() == registry.Repository.RegistryStr() {
			return true
		}
	}
	return false
}

func (m *mirrored) get(ctx context.Context, ref reference.Ref) (Document, error) {
	var o Document
	for _, one := range m.candidates(ref) {
		ok, err := one.try(ctx, ref, m.warn, func(ctx context.Context, there reference.Ref) (err error) {
			o, err = m.registry.get(ctx, there)
			return err
		})
		if ok || err != nil {
			return o, err
		}
	}
	return m.registry.get(ctx, ref)
}

// open reads a blob from the first place that has it. What is left of one that
// broke off comes from the registry.
func (m *mirrored) open(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (io.ReadCloser, error) {
	blob := &resumingReader{ctx: ctx, size: desc.Size, source: ref}
	itself := m.getBlobFrom(ref, blobName{ref, desc.Digest})
	blob.fetch = func(ctx context.Context, offset int64) (io.ReadCloser, int64, error) {
		blob.source = ref
		return itself(ctx, offset)
	}
	asked := ref.WithDigest(desc.Digest)
	for _, one := range m.candidates(asked) {
		ok, err := one.try(ctx, asked, m.warn, func(ctx context.Context, there reference.Ref) (err error) {
			blob.source = there
			blob.body, _, err = m.getBlobFrom(there, blobName{there, desc.Digest})(ctx, 0)
			return err
		})
		if err != nil {
			return nil, err
		}
		if ok {
			return blob, nil
		}
	}
	var err error
	blob.body, _, err = blob.fetch(ctx, 0)
	return blob, err
}
