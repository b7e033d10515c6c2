package server

import (
	"fmt"
	"io"

	"github.com/VictoriaMetrics/metrics"

	"manifest-tool/internal/server/cache"
)

// writeCacheMetrics writes what the cache did and holds.
func writeCacheMetrics(w io.Writer, c *cache.Cache) {
	s := c.Stats()
	metrics.WriteCounterUint64(w, "manifest_tool_cache_hits_total", s.Hits)
	metrics.WriteCounterUint64(w, "manifest_tool_cache_stale_total", s.Stale)
	metrics.WriteCounterUint64(w, `manifest_tool_registry_requests_total{kind="head"}`, s.Heads)
	metrics.WriteCounterUint64(w, `manifest_tool_registry_requests_total{kind="get"}`, s.Gets)
	metrics.WriteCounterUint64(w, `manifest_tool_registry_requests_total{kind="blob"}`, s.Blobs)
	metrics.WriteCounterUint64(w, "manifest_tool_registry_requests_held_total", s.Held)
	metrics.WriteGaugeFloat64(w, "manifest_tool_cache_values", float64(s.Values))
	metrics.WriteGaugeFloat64(w, "manifest_tool_cache_memory_bytes", float64(s.Bytes))
	down := 0.0
	if s.SharedDown {
		down = 1
	}
	metrics.WriteGaugeFloat64(w, "manifest_tool_cache_shared_down", down)
	for _, q := range c.Quotas() {
		labels := fmt.Sprintf("{registry=%q,scope=%q}", q.Registry, q.Scope)
		metrics.WriteGaugeFloat64(w, "manifest_tool_registry_pulls_limit"+labels, float64(q.Limit))
		metrics.WriteGaugeFloat64(w, "manifest_tool_registry_pulls_remaining"+labels, float64(q.Remaining))
	}
}
