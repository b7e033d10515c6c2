package cache

import (
	"context"
	"time"

	"golang.org/x/sync/singleflight"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
)

// Anonymous is the scope of what is read without credentials.
const Anonymous = "anonymous"

// Options are the settings of a Cache.
type Options struct {
	// Upstream reads from registries, and sends each request once
	// (transport.Options.Service).
	Upstream manifest.Reader
	Storage  Storage
	Now      func() time.Time
	Times    Times
	// Scope returns a word for the credentials with which a repository is read, so
	// that what they give access to is not given to others; nil means Anonymous for
	// all.
	Scope func(ref reference.Ref) string
	// Reserve is the number of pulls that are left to other users of this address at a
	// registry that counts them (Docker Hub): when no more are left, only tags are
	// checked, which costs none, and no content is fetched.
	Reserve int
	// Problem, if set, is called when the Storage fails.
	Problem func(error)
}

// Cache remembers what it read. It is safe for concurrent use.
type Cache struct {
	Options

	// flights are the requests in progress.
	flights singleflight.Group
	quotas  quotas
	counts  counts
}

// New returns a Cache.
func New(o Options) *Cache {
	o.Times = o.Times.orDefault()
	if o.Scope == nil {
		o.Scope = func(reference.Ref) string { return Anonymous }
	}
	if o.Problem == nil {
		o.Problem = func(error) {}
	}
	return &Cache{Options: o}
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
