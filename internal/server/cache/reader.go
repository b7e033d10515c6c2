package cache

import (
	"context"
	"errors"
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
	// Read is set once something was read.
	Read bool
	// Checked is when the oldest tag was last compared with its registry; zero if only
	// digests were read.
	Checked time.Time
	// Miss is set if something was not in the cache, or had to be checked.
	Miss bool
	// Stale is set if a registry did not respond and an older answer was used.
	Stale bool
	// Failure is why a registry did not respond, with the time after which to ask again.
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

// note records an answer. Its time is zero for one that does not age.
func (r *Reader) note(checked time.Time, hit bool, failure *Failure) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.Read = true
	if !checked.IsZero() && (r.state.Checked.IsZero() || checked.Before(r.state.Checked)) {
		r.state.Checked = checked
	}
	if hit {
		r.cache.counts.hits.Add(1)
	} else {
		r.state.Miss = true
	}
	if failure != nil {
		r.state.Failure = failure
	}
	if failure != nil && !checked.IsZero() {
		r.state.Stale = true
		r.cache.counts.stale.Add(1)
	}
}

// Announce does nothing: a Cache announces what it requests.
func (r *Reader) Announce(reference.Ref, bool) {}

// Get returns a document. The error is a *Failure if it is about the registry.
func (r *Reader) Get(ctx context.Context, ref reference.Ref) (store.Document, error) {
	if ref.Digest == "" {
		s, err := r.resolve(ctx, ref)
		if err != nil {
			return store.Document{}, err
		}
		ref = ref.WithDigest(s.Digest)
	}
	o, hit, err := r.cache.document(ctx, ref)
	r.note(time.Time{}, hit, asFailure(err))
	return o, err
}

// Head returns the descriptor of a tag, with its digest and media type.
func (r *Reader) Head(ctx context.Context, ref reference.Ref) (ocispec.Descriptor, error) {
	if ref.Digest != "" {
		o, err := r.Get(ctx, ref)
		return o.Descriptor, err
	}
	s, err := r.resolve(ctx, ref)
	return ocispec.Descriptor{Digest: s.Digest, MediaType: s.MediaType}, err
}

func (r *Reader) resolve(ctx context.Context, ref reference.Ref) (state, error) {
	s, hit, err := r.cache.tag(ctx, ref)
	if err != nil {
		return s, err
	}
	failure := r.cache.failure(s)
	r.note(s.Checked, hit, failure)
	if s.Digest == "" {
		return s, failure
	}
	return s, nil
}

// ReadBlob returns a config.
func (r *Reader) ReadBlob(ctx context.Context, ref reference.Ref, d ocispec.Descriptor) ([]byte, error) {
	raw, err := r.cache.blob(ctx, ref, d)
	if failure := asFailure(err); failure != nil {
		r.note(time.Time{}, false, failure)
	}
	return raw, err
}

// Tags lists the tags of a repository, from the registry.
func (r *Reader) Tags(ctx context.Context, ref reference.Ref) ([]string, error) {
	return ask(ctx, r.cache, ref, func() ([]string, error) { return r.cache.Upstream.Tags(ctx, ref) })
}

// Untagged returns nothing: a registry does not list manifests without a tag.
func (r *Reader) Untagged(context.Context, reference.Ref) ([]digest.Digest, error) { return nil, nil }

// Referrers lists referrers, from the registry.
func (r *Reader) Referrers(ctx context.Context, ref reference.Ref) ([]ocispec.Descriptor, error) {
	return ask(ctx, r.cache, ref, func() ([]ocispec.Descriptor, error) { return r.cache.Upstream.Referrers(ctx, ref) })
}

// Warn ignores warnings: a service has no one to report them to.
func (r *Reader) Warn(string) error { return nil }

// asFailure returns the Failure in an error, if there is one.
func asFailure(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return nil
}
