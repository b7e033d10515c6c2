package cache

import (
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"manifest-tool/internal/store/transport"
)

// counts are the counters of a Cache.
type counts struct{ hits, stale, heads, gets, blobs, held atomic.Uint64 }

// Stats counts what a Cache did so far.
type Stats struct {
	// Hits are the answers of tags and documents without a request; Stale those of
	// them and others whose registry did not respond.
	Hits, Stale uint64
	// Heads, Gets and Blobs are the requests to registries, of which Gets count as
	// pulls; Held those that were not sent, since the registry limits the rate or is down.
	Heads, Gets, Blobs, Held uint64
	// Values and Bytes are what is in memory.
	Values int
	Bytes  int64
	// SharedDown is set if the Storage that several machines share is not used, since it
	// failed.
	SharedDown bool
}

// Stats returns the counters.
func (c *Cache) Stats() Stats {
	n := &c.counts
	s := Stats{
		Hits: n.hits.Load(), Stale: n.stale.Load(), Heads: n.heads.Load(),
		Gets: n.gets.Load(), Blobs: n.blobs.Load(), Held: n.held.Load(),
	}
	if m, ok := c.Storage.(interface {
		Size() (values int, bytes int64)
	}); ok {
		s.Values, s.Bytes = m.Size()
	}
	if f, ok := c.Storage.(*Fallback); ok {
		s.SharedDown = f.Down()
	}
	return s
}

// Quota is what a registry said of the pulls that are left, less those sent since.
type Quota struct {
	Registry, Scope string
	transport.RateLimit
}

// Quotas returns the quotas of the registries that count pulls.
func (c *Cache) Quotas() []Quota {
	c.quotas.mu.Lock()
	defer c.quotas.mu.Unlock()
	var all []Quota
	for _, key := range slices.Sorted(maps.Keys(c.quotas.all)) {
		scope, registry, _ := strings.Cut(strings.TrimPrefix(key, registryPrefix), "/")
		all = append(all, Quota{registry, scope, c.quotas.all[key].RateLimit})
	}
	return all
}
