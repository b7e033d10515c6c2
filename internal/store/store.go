package store

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// Document is a manifest or an index: the bytes as they were fetched and the
// descriptor that was computed from them.
type Document struct {
	Descriptor ocispec.Descriptor
	Raw        []byte
}

// Options are the settings of a Store.
type Options struct {
	// Wire are the settings of the transport to registries.
	Wire transport.Options
	// Host, when set, gives what is set for a registry, by the name users have
	// for it. It is called from many goroutines.
	Host func(registry string) RegistryConfig
}

// RegistryConfig is what is set for one registry.
type RegistryConfig struct {
	// Mirrors are where it is read first, HOST[:PORT][/PATH], in this order.
	Mirrors []string
	// TagParams sets several tags in one PUT, for a registry that is known to
	// answer OCI-Tag.
	TagParams bool
}

func (o Options) host(registry string) RegistryConfig {
	if o.Host == nil {
		return RegistryConfig{}
	}
	return o.Host(registry)
}

// Store reads and writes manifests and blobs wherever a Ref points.
type Store struct {
	registry *mirrored
	layout   layout
	options  Options
}

// backend is a kind of home for manifests and blobs.
type backend interface {
	get(ctx context.Context, ref reference.Ref) (Document, error)
	put(ctx context.Context, ref reference.Ref, o Document) error
	open(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (io.ReadCloser, error)
	storeBlob(ctx context.Context, to reference.Ref, b transfer) error
	headBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (size int64, err error)
	readAt(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor, offset, length int64) ([]byte, error)
}

// transfer is a blob on its way: what it is, where it lies, how to read it.
type transfer struct {
	desc ocispec.Descriptor
	from reference.Ref
	// absent says that the target is unlikely to have it.
	absent bool
	// force sends it without asking whether the target has it.
	force bool
	// sameHost says that reading it may use the target's own connections.
	sameHost bool
	// open starts reading from the beginning; the bytes are verified.
	open func(context.Context) (io.ReadCloser, error)
}

// New wires a Store; it sends nothing and touches no file.
func New(o Options) (*Store, error) {
	r, err := newRegistry(transport.New(o.Wire))
	if err != nil {
		return nil, err
	}
	return &Store{registry: newMirrored(r, o), layout: layout{writing: &sync.Mutex{}}, options: o}, nil
}

func (s *Store) place(ref reference.Ref) backend {
	if ref.Kind == reference.Layout {
		return s.layout
	}
	return s.registry
}

// Announce announces what a run will read or write, before its first request:
// one token then covers all of it.
func (s *Store) Announce(ref reference.Ref, write bool) {
	switch {
	case ref.Kind == reference.Registry:
		s.registry.expect(ref, write)
	case write:
		s.registry.noteWrite()
	}
}

// Redact takes the secrets of this run out of a text that is to be shown.
func (s *Store) Redact(text string) string { return s.registry.wire.Redact(text) }

// Get fetches the manifest or index a reference names. Its digest is computed
// from the bytes and, where the reference has one, compared. The error is
// ErrNotFound where the place has no such manifest.
func (s *Store) Get(ctx context.Context, ref reference.Ref) (Document, error) {
	if err := ref.CheckDigest(); err != nil {
		return Document{}, err
	}
	return s.place(ref).get(ctx, ref)
}

// Blob reads a small blob, a config, whole and verified. Its size is bounded
// by wire.MaxManifest.
func (s *Store) ReadBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) ([]byte, error) {
	if desc.Size < 0 || desc.Size > transport.MaxManifest {
		return nil, fmt.Errorf("blob %s of %s: a size of %d bytes is beyond the limit of %d", desc.Digest, ref, desc.Size, transport.MaxManifest)
	}
	body, err := s.openVerified(ctx, ref, desc)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	raw, err := io.ReadAll(body)
	if err != nil {
		return nil, fmt.Errorf("blob %s of %s: %w", desc.Digest, ref, err)
	}
	return raw, nil
}

func (s *Store) openVerified(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (io.ReadCloser, error) {
	if err := desc.Digest.Validate(); err != nil {
		return nil, fmt.Errorf("%s: digest %q: %w", ref, desc.Digest, err)
	}
	body, err := s.place(ref).open(ctx, ref, desc)
	if err != nil {
		return nil, err
	}
	return verify(body, desc)
}

// Put stores a manifest or index under the tag or digest of ref. What it
// points at must be there before.
func (s *Store) Put(ctx context.Context, ref reference.Ref, o Document) error {
	if err := ref.CheckDigest(); err != nil {
		return err
	}
	return s.place(ref).put(ctx, ref, o)
}

// CopyHints is what the caller of CopyBlob knows already, so that it is not asked
// again. The zero value is nothing.
type CopyHints struct {
	// Content holds the bytes of the blob; nil means they have to be read.
	Content []byte
	// Absent says that the target is unlikely to have the blob, so that
	// reading it need not wait for the target's answer.
	Absent bool
	// Force sends the blob without asking whether it is there.
	Force bool
}

// CopyBlob makes a blob of one place present in another: mounted where both
// are repositories of one registry, else streamed, in constant memory.
func (s *Store) CopyBlob(ctx context.Context, from, to reference.Ref, desc ocispec.Descriptor, known CopyHints) error {
	if from.SameRepository(to) {
		return nil
	}
	b := transfer{desc: desc, from: from, absent: known.Absent, force: known.Force, sameHost: s.registry.mayReadFrom(from, to), open: func(ctx context.Context) (io.ReadCloser, error) {
		if known.Content != nil {
			return verify(io.NopCloser(bytes.NewReader(known.Content)), desc)
		}
		return s.openVerified(ctx, from, desc)
	}}
	if err := s.place(to).storeBlob(ctx, to, b); err != nil {
		return fmt.Errorf("copying blob %s from %s: %w", desc.Digest, from, err)
	}
	return nil
}
