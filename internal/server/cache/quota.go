package cache

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

const (
	// maxQuotas bounds the registries whose quotas are known: any registry may send one.
	maxQuotas = 64
	// quotaAge is how long a quota that is used up is believed without checking it.
	quotaAge = time.Minute
)

// quota is what a registry said of the pulls that are left.
type quota struct {
	transport.RateLimit

	seen time.Time
}

// quotas holds the quotas of registries by scope and host. Its zero value is ready.
type quotas struct {
	mu  sync.Mutex
	all map[string]*quota
}

// Observe takes note of what a response says of the pulls that are left. It is for
// transport.Options.Observe.
func (c *Cache) Observe(e transport.Event) {
	if e.RateLimit == nil {
		return
	}
	u, err := url.Parse(e.URL)
	if err != nil {
		return
	}
	repository, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/v2/"), "/manifests/")
	if ref, err := reference.Parse(u.Host + "/" + repository); err == nil {
		c.quotas.set(c.registryKey(ref), quota{*e.RateLimit, c.Now()})
	}
}

func (q *quotas) set(key string, now quota) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.all == nil {
		q.all = map[string]*quota{}
	}
	if q.all[key] == nil && len(q.all) >= maxQuotas {
		oldest := ""
		for k, one := range q.all {
			if oldest == "" || one.seen.Before(q.all[oldest].seen) {
				oldest = k
			}
		}
		delete(q.all, oldest)
	}
	q.all[key] = &now
}

// take takes one pull and reports whether it may be used. checked is when the registry
// last said how many are left.
func (q *quotas) take(key string, reserve int, now time.Time) (left transport.RateLimit, checked time.Time, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	one := q.all[key]
	if one == nil || now.Sub(one.seen) >= one.Window {
		return transport.RateLimit{}, now, true
	}
	if one.Remaining <= reserve {
		return one.RateLimit, one.seen, false
	}
	one.Remaining--
	return one.RateLimit, one.seen, true
}

// CountsPulls reports whether the registry of a reference counts the pulls of this
// address, as far as it has responded yet.
func (c *Cache) CountsPulls(ref reference.Ref) bool {
	c.quotas.mu.Lock()
	defer c.quotas.mu.Unlock()
	return c.quotas.all[c.registryKey(ref)] != nil
}

// takePull takes one of the pulls that the registry of a reference allows. The error
// is a *Failure if no more than the reserve are left. A HEAD, which costs no pull,
// finds out whether that is still so.
func (c *Cache) takePull(ctx context.Context, ref reference.Ref) error {
	key := c.registryKey(ref)
	left, checked, ok := c.quotas.take(key, c.Reserve, c.Now())
	if !ok && c.Now().Sub(checked) >= quotaAge {
		if _, err := c.head(ctx, ref); err != nil && newFailure(err).isTemporary() {
			return err
		}
		left, _, ok = c.quotas.take(key, c.Reserve, c.Now())
	}
	if ok {
		return nil
	}
	c.counts.held.Add(1)
	return &Failure{Reason: reasonThrottled, RetryAfter: quotaAge, Message: fmt.Sprintf(
		"%s: %d of %d pulls in %s are left at %s, and %d of them are reserved", ref, left.Remaining, left.Limit, left.Window, ref.Host(), c.Reserve)}
}
