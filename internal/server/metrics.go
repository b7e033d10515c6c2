package server

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/VictoriaMetrics/metrics" // after v1.35 it writes to standard error at the start of every program

	"manifest-tool/internal/store/transport"
)

// serverMetrics are what /metrics shows of a Server.
type serverMetrics struct {
	set *metrics.Set
	// inProgress is the number of requests that are being answered.
	inProgress *metrics.Gauge
	// durations has a histogram for each route.
	durations map[string]*histogram
}

// newMetrics returns the metrics of some routes and of unknown addresses.
func newMetrics(routes []route) *serverMetrics {
	set := metrics.NewSet()
	m := &serverMetrics{set, set.NewGauge("manifest_tool_http_requests_in_progress", nil), map[string]*histogram{}}
	for _, at := range append(routes, route{}) {
		m.durations[at.path] = newHistogram(m.set, fmt.Sprintf("route=%q", at.path))
	}
	return m
}

// note counts a request. The labels have few values: none comes from a client.
func (m *serverMetrics) note(w *response, took time.Duration) {
	m.set.GetOrCreateCounter(fmt.Sprintf(`manifest_tool_http_requests_total{route=%q,code="%d"}`, w.route, w.status)).Inc()
	if w.cache != "" {
		m.set.GetOrCreateCounter(fmt.Sprintf(`manifest_tool_answers_total{cache=%q}`, w.cache)).Inc()
	}
	if h := m.durations[w.route]; h != nil {
		h.note(took.Seconds())
	}
}

// Observe counts a response of a registry. It is for transport.Options.Observe.
func (s *Server) Observe(e transport.Event) {
	code := "none" // there was no response
	if e.Err == nil {
		code = strconv.Itoa(e.Status)
	}
	s.metrics.set.GetOrCreateCounter(fmt.Sprintf(`manifest_tool_registry_responses_total{method=%q,code=%q}`, e.Method, code)).Inc()
}

// showMetrics answers GET /metrics in the text format of Prometheus.
func (s *Server) showMetrics(w http.ResponseWriter, _ *http.Request, _ string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	s.metrics.set.WritePrometheus(w)
	writeCacheMetrics(w, s.Cache)
	metrics.WriteProcessMetrics(w)
	metrics.WriteFDMetrics(w)
}

// histogram counts durations in the buckets of Prometheus, each of which includes
// those below it: the library's own histogram has buckets that only its database
// reads.
type histogram struct {
	buckets []*metrics.Counter
	count   *metrics.Counter
	sum     *metrics.FloatCounter
}

// durationBounds are the upper bounds of the buckets, in seconds: from an answer in
// memory to the longest fetch.
func durationBounds() []float64 {
	return []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60}
}

func newHistogram(set *metrics.Set, labels string) *histogram {
	const name = "manifest_tool_http_request_duration_seconds"
	h := &histogram{}
	for _, bound := range durationBounds() {
		h.buckets = append(h.buckets, set.NewCounter(fmt.Sprintf(`%s_bucket{%s,le="%g"}`, name, labels, bound)))
	}
	h.buckets = append(h.buckets, set.NewCounter(fmt.Sprintf(`%s_bucket{%s,le="+Inf"}`, name, labels)))
	h.count = set.NewCounter(fmt.Sprintf(`%s_count{%s}`, name, labels))
	h.sum = set.NewFloatCounter(fmt.Sprintf(`%s_sum{%s}`, name, labels))
	return h
}

func (h *histogram) note(seconds float64) {
	for i, bound := range durationBounds() {
		if seconds <= bound {
			h.buckets[i].Inc()
		}
	}
	h.buckets[len(h.buckets)-1].Inc()
	h.count.Inc()
	h.sum.Add(seconds)
}
