package cache

import (
	"context"
	"sync"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// Reader reads through a Cache for one client and records how old the answers
// are. It implements manifest.Reader.
type Reader struct {
	cache *Cache

	mu    sync.Mutex
	state State
}

// State is how old what a Reader returned is.
type State struct {
	// Checked is when the oldest tag was last compared with its registry; zero if only
	// digests were read.
	Checked time.Time
	// Stale is set if a registry did not respond and an older answer was used; Failure
	// is why.
	Stale   bool
	Failure *Failure
}

// Reader returns a Reader for one client.
func (c *Cache) Reader() *Reader { return &Reader{cache: c} }

// State returns how old the answers so far are.
func (r *Reader) State() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

func (r *Reader) note(s tagState) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state.Checked.IsZero() || s.Checked.Before(r.state.Checked) {
		r.state.Checked = s.Checked
	}
	if s.Failure != nil {
		r.state.Stale, r.state.Failure = s.Digest != "", s.Failure
	}
}

// Announce implements manifest.Reader.
func (r *Reader) Announce(ref reference.Ref, write bool) { r.cache.Upstream.Announce(ref, write) }

// Get returns a document. The error is that of the registry, or a *Failure if that
// is remembered.
func (r *Reader) Get(ctx context.Context, ref reference.Ref) (store.Document, error) {
	if ref.Digest != "" {
		return r.cache.document(ctx, ref)
	}
	s, err := r.resolve(ctx, ref)
	if err != nil {
		return store.Document{}, err
	}
	return r.cache.document(ctx, ref.WithDigest(s.Digest))
}

// Head returns the descriptor of a tag, with its digest and media type.
func (r *Reader) Head(ctx context.Context, ref reference.Ref) (ocispec.Descriptor, error) {
	if ref.Digest != "" {
		return r.cache.Upstream.Head(ctx, ref)
	}
	s, err := r.resolve(ctx, ref)
	return ocispec.Descriptor{Digest: s.Digest, MediaType: s.MediaType}, err
}

func (r *Reader) resolve(ctx context.Context, ref reference.Ref) (tagState, error) {
	s, err := r.cache.tag(ctx, ref)
	if err != nil {
		return s, err
	}
	r.note(s)
	if s.Digest == "" {
		return s, s.Failure
	}
	return s, nil
}

// ReadBlob returns a config.
func (r *Reader) ReadBlob(ctx context.Context, ref reference.Ref, d ocispec.Descriptor) ([]byte, error) {
	return r.cache.blob(ctx, ref, d)
}

// Tags lists the tags of a repository, from the registry.
func (r *Reader) Tags(ctx context.Context, ref reference.Ref) ([]string, error) {
	return r.cache.Upstream.Tags(ctx, ref)
}

// Untagged returns nothing: a registry does not list manifests without a tag.
func (r *Reader) Untagged(context.Context, reference.Ref) ([]digest.Digest, error) { return nil, nil }

// Referrers lists referrers, from the registry.
func (r *Reader) Referrers(ctx context.Context, ref reference.Ref) ([]ocispec.Descriptor, error) {
	return r.cache.Upstream.Referrers(ctx, ref)
}

// Warn ignores warnings: a service has no one to tell.
func (r *Reader) Warn(string) error { return nil }
