package cache

import (
	"context"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// maxUnreachable is the number of requests in a row without a response after which a
// registry is left alone: one lost connection says little.
const maxUnreachable = 3

const registryPrefix = "registry/v1/"

func (c *Cache) registryKey(ref reference.Ref) string {
	return registryPrefix + c.Scope(ref) + "/" + ref.Host()
}

// ask sends a request to the registry of a reference, unless the registry is left
// alone; then the error is the *Failure that is the reason.
func ask[T any](ctx context.Context, c *Cache, ref reference.Ref, send func() (T, error)) (T, error) {
	known, _ := c.load(ctx, c.registryKey(ref))
	if known.Failure != nil && c.usable(known) {
		c.counts.held.Add(1)
		var none T
		return none, c.failure(known)
	}
	c.Upstream.Announce(ref, false)
	value, err := send()
	c.noteResponse(ctx, ref, known, err)
	return value, err
}

// noteResponse remembers whether a registry limits the rate, asked to wait, or did not
// respond.
func (c *Cache) noteResponse(ctx context.Context, ref reference.Ref, known state, err error) {
	next := state{Tried: c.Now()}
	if err != nil {
		switch f := newFailure(err); {
		case f.Reason == reasonThrottled, f.RetryAfter > 0:
			next.Failure = f
		case isUnreachable(err):
			if next.Unreachable = known.Unreachable + 1; next.Unreachable >= maxUnreachable {
				next.Failure = f
			}
		}
	}
	if next.Failure != nil || next.Unreachable != known.Unreachable {
		c.save(ctx, c.registryKey(ref), next)
	}
}

// head asks a registry what a tag names.
func (c *Cache) head(ctx context.Context, ref reference.Ref) (ocispec.Descriptor, error) {
	return ask(ctx, c, ref, func() (ocispec.Descriptor, error) {
		c.counts.heads.Add(1)
		return c.Upstream.Head(ctx, ref)
	})
}

// fetch gets a document from a registry, if that has pulls to spare.
func (c *Cache) fetch(ctx context.Context, ref reference.Ref) (store.Document, error) {
	if err := c.takePull(ctx, ref); err != nil {
		return store.Document{}, err
	}
	return ask(ctx, c, ref, func() (store.Document, error) {
		c.counts.gets.Add(1)
		return c.Upstream.Get(ctx, ref)
	})
}

// fetchBlob gets a config from a registry. Docker Hub does not count blobs.
func (c *Cache) fetchBlob(ctx context.Context, ref reference.Ref, d ocispec.Descriptor) (store.Document, error) {
	return ask(ctx, c, ref, func() (store.Document, error) {
		c.counts.blobs.Add(1)
		raw, err := c.Upstream.ReadBlob(ctx, ref, d)
		return store.Document{Descriptor: d, Raw: raw}, err
	})
}
