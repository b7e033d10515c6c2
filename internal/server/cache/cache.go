package cache

import (
	"context"
	"time"

	"golang.org/x/sync/singleflight"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
)

// Times are how long a Cache uses what it read. The zero values are the defaults.
type Times struct {
	// Fresh is how long a tag is used without checking it.
	Fresh time.Duration
	// Stale is how long a tag is used while its registry does not respond.
	Stale time.Duration
	// Missing is how long a missing image, or one that may not be read, is believed to be
	// so; Failed how long a registry that failed is left alone.
	Missing, Failed time.Duration
	// Document is how long documents are kept by digest.
	Document time.Duration
	// Fetch is how long a request to a registry may take, with its repetitions.
	Fetch time.Duration
}

func (t Times) orDefault() Times {
	for _, one := range []struct {
		at  *time.Duration
		def time.Duration
	}{
		{&t.Fresh, 30 * time.Second}, {&t.Stale, 24 * time.Hour}, {&t.Missing, 10 * time.Second},
		{&t.Failed, 5 * time.Second}, {&t.Document, 24 * time.Hour}, {&t.Fetch, 30 * time.Second},
	} {
		if *one.at == 0 {
			*one.at = one.def
		}
	}
	return t
}

// Options are the settings of a Cache.
type Options struct {
	// Upstream reads from registries.
	Upstream manifest.Reader
	Storage  Storage
	Now      func() time.Time
	Times    Times
	// Scope returns a word for the credentials with which a repository is read, so
	// that what they give access to is not given to others; nil means "anonymous" for
	// all.
	Scope func(ref reference.Ref) string
	// Problem, if set, is called when the Storage fails.
	Problem func(error)
}

// Cache remembers what it read. It is safe for concurrent use.
type Cache struct {
	Options

	// flights are the requests in progress.
	flights singleflight.Group
}

// New returns a Cache.
func New(o Options) *Cache {
	o.Times = o.Times.orDefault()
	if o.Scope == nil {
		o.Scope = func(reference.Ref) string { return "anonymous" }
	}
	if o.Problem == nil {
		o.Problem = func(error) {}
	}
	return &Cache{Options: o}
}

// once runs work for a key, however many callers need its result. Each caller waits
// until its own ctx ends; the work ends with its own time limit.
func once[T any](ctx context.Context, c *Cache, key string, work func(context.Context) (T, error)) (T, error) {
	done := c.flights.DoChan(key, func() (any, error) {
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Times.Fetch)
		defer cancel()
		return work(detached)
	})
	var none T
	select {
	case r := <-done:
		if value, ok := r.Val.(T); ok {
			return value, r.Err
		}
		return none, r.Err
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}

// get reads a value; a failing Storage has none.
func (c *Cache) get(ctx context.Context, key string) ([]byte, bool) {
	value, found, err := c.Storage.Get(ctx, key)
	if err != nil {
		c.Problem(err)
		return nil, false
	}
	return value, found
}

func (c *Cache) set(ctx context.Context, key string, value []byte, ttl time.Duration) {
	if err := c.Storage.Set(ctx, key, value, ttl); err != nil {
		c.Problem(err)
	}
}
