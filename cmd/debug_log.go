package cmd

import (
	"io"
	"log/slog"
	"manifest-tool/internal/store/transport"
)

// requestLog is what --debug shows: a line for each request, and what they came to.
type requestLog struct {
	log   *slog.Logger
	stats transport.Stats
	// redact takes secrets out of a text: a redirect may have led to a path
	// that repeats one.
	redact func(string) string
}

func newTrace(w io.Writer, clean func(string) string) *requestLog {
	return &requestLog{redact: clean, log: slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))}
}

// request logs one request. Headers and queries that may hold secrets are not
// in an event.
func (t *requestLog) request(e transport.Event) {
	t.stats.Add(e)
	if e.Err != nil {
		t.log.Debug("request", "method", e.Method, "url", t.redact(e.URL), "error", t.redact(e.Err.Error()), "ms", e.Took.Milliseconds())
		return
	}
	t.log.Debug("request", "method", e.Method, "url", t.redact(e.URL), "status", e.Status, "bytes", e.Bytes, "ms", e.Took.Milliseconds())
}

// close logs the requests, the bytes and the longest chain of a run.
func (t *requestLog) close() {
	sum := t.stats.Sum()
	t.log.Debug("total", "requests", sum.Requests, "bytes", sum.Bytes, "chain", sum.LongestChain)
}
