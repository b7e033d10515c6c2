package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/system"
)

// mirrored implements storage in registries, with the mirrors of each registry in
// front of it. Mirrors are read in the configured order and never written; the
// registry is read for everything that no mirror serves.
//
// A mirror may lag behind its registry. So a run that writes reads tags, and
// everything in a repository that it writes, from the registry: mirrors then serve
// only content with a known digest.
type mirrored struct {
	*registry
	config func(registry string) RegistryConfig
	warn   func(string)
	// sources and alias are the settings of other programs, or nil.
	sources func(repository string) system.Sources
	alias   func(short string) (name string, at system.Origin, ok bool)

	mu      sync.Mutex
	warned  map[string]bool
	mirrors map[mirrorKey]*mirror
	written map[string]bool // repositories
	writes  bool
}

func newMirrored(r *registry, o Options) *mirrored {
	return &mirrored{
		registry: r, config: o.host, warn: o.Transport.Warn, sources: o.Sources, alias: o.Alias,
		mirrors: map[mirrorKey]*mirror{}, written: map[string]bool{}, warned: map[string]bool{},
	}
}

// announce announces a reference to the registry and, if it is only read, to its
// mirrors.
func (m *mirrored) announce(ref reference.Ref, write bool) {
	if !write {
		ref = m.expand(ref)
	}
	m.transport.Announce(ref.Repository.RegistryStr(), ref.Repository.RepositoryStr(), write)
	if write {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.written[ref.Repository.Name()] = true
		return
	}
	if there := m.locate(ref); !there.SameRepository(ref) {
		m.transport.AnnounceMirror(there.Repository.RegistryStr(), there.Repository.RepositoryStr())
	}
	for _, one := range m.all(ref) {
		if there, err := one.repository(ref); err == nil {
			m.transport.AnnounceMirror(there.RegistryStr(), there.RepositoryStr())
		}
	}
}

// noteWrite notes that the run writes, perhaps to something other than a registry.
func (m *mirrored) noteWrite() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes = true
}

// mirrorKey identifies a mirror as it is configured.
type mirrorKey struct{ address, prefix, only string }

// all returns the mirrors of a reference's registry.
func (m *mirrored) all(ref reference.Ref) []*mirror {
	var keys []mirrorKey
	for _, at := range m.config(ref.Host()).Mirrors {
		keys = append(keys, mirrorKey{address: at})
	}
	if len(keys) == 0 {
		s := m.sourcesOf(ref)
		for _, one := range s.Mirrors {
			keys = append(keys, mirrorKey{one.Address, s.Prefix, one.Only})
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []*mirror
	for _, key := range keys {
		if m.mirrors[key] == nil {
			m.mirrors[key] = &mirror{address: key.address, prefix: key.prefix, only: key.only, probe: make(chan struct{}, 1)}
		}
		all = append(all, m.mirrors[key])
	}
	return all
}

// candidates returns the mirrors that may serve ref.
func (m *mirrored) candidates(ref reference.Ref) []*mirror {
	m.mu.Lock()
	itself := m.written[ref.Repository.Name()] || m.writes && ref.Digest == ""
	m.mu.Unlock()
	if itself {
		return nil
	}
	return slices.DeleteFunc(m.all(ref), func(one *mirror) bool { return !one.serves(ref) })
}

// mayReadFrom reports whether reading from a reference may use connections to the
// registry of another: its own registry, or a mirror.
func (m *mirrored) mayReadFrom(from, registry reference.Ref) bool {
	if from.Host() == "" {
		return false
	}
	from = m.expand(from)
	if from.SameRegistry(registry) || m.locate(from).SameRegistry(registry) {
		return true
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
	ref = m.expand(ref)
	for _, one := range m.candidates(ref) {
		ok, err := one.try(ctx, ref, m.warn, func(ctx context.Context, there reference.Ref) (err error) {
			o, err = m.registry.get(ctx, there)
			return err
		})
		if ok || err != nil {
			return o, err
		}
	}
	return m.registry.get(ctx, m.locate(ref))
}

// open streams a blob from the first source that has it. If a mirror's connection
// breaks, the rest comes from the registry.
func (m *mirrored) open(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (io.ReadCloser, error) {
	ref = m.expand(ref)
	origin := m.locate(ref)
	blob := &resumingReader{ctx: ctx, size: desc.Size, source: origin}
	itself := m.getBlobFrom(blobName{origin, desc.Digest})
	blob.fetch = func(ctx context.Context, offset int64) (io.ReadCloser, int64, error) {
		blob.source = origin
		return itself(ctx, offset)
	}
	requested := ref.WithDigest(desc.Digest)
	for _, one := range m.candidates(requested) {
		ok, err := one.try(ctx, requested, m.warn, func(ctx context.Context, there reference.Ref) (err error) {
			blob.source = there
			blob.body, _, err = m.getBlobFrom(blobName{there, desc.Digest})(ctx, 0)
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

// referrers reads the list of referrers or, from a registry without that API, the
// tag that clients maintain instead.
func (m *mirrored) referrers(ctx context.Context, ref reference.Ref) ([]ocispec.Descriptor, error) {
	ref = m.expand(ref)
	found, err := m.registry.referrers(ctx, m.locate(ref))
	if errors.Is(err, ErrNotFound) || status(err) == http.StatusMethodNotAllowed || status(err) == http.StatusNotImplemented {
		return m.referrersFromTag(ctx, ref.WithTag(ref.ReferrersTag()))
	}
	return found, err
}

// referrersFromTag reads the referrers from their tag. A manifest there that is not
// an index is not a list of referrers.
func (m *mirrored) referrersFromTag(ctx context.Context, tag reference.Ref) ([]ocispec.Descriptor, error) {
	o, err := m.get(ctx, tag)
	if errors.Is(err, ErrNotFound) || err == nil && o.Descriptor.MediaType != ocispec.MediaTypeImageIndex {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list ocispec.Index
	if err := json.Unmarshal(o.Raw, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", tag, errtext.DecodeError(o.Raw, err))
	}
	return list.Manifests, nil
}
