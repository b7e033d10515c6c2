package cmd

import (
	"io"
	"log/slog"

	"manifest-tool/internal/output"
	"manifest-tool/internal/store/transport"
)

// requestLog writes what --debug shows: a line for each request, and totals at
// the end.
type requestLog struct {
	log   *slog.Logger
	stats transport.Stats
	// sanitizer removes secrets: a redirect may lead to a path that repeats one.
	sanitizer *output.Sanitizer
}

func newRequestLog(w io.Writer, sanitizer *output.Sanitizer) *requestLog {
	return &requestLog{sanitizer: sanitizer, log: slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))}
}

// request logs one request. An event has no headers and no queries, which may
// hold secrets.
func (l *requestLog) request(e transport.Event) {
	l.stats.Add(e)
	url := l.sanitizer.Text(e.URL)
	if e.Err != nil {
		l.log.Debug("request", "method", e.Method, "url", url, "error", l.sanitizer.Text(e.Err.Error()), "ms", e.Took.Milliseconds())
		return
	}
	l.log.Debug("request", "method", e.Method, "url", url, "status", e.Status, "bytes", e.Bytes, "ms", e.Took.Milliseconds())
}

// close logs the number of requests, their bytes and the longest chain.
func (l *requestLog) close() {
	sum := l.stats.Sum()
	l.log.Debug("total", "requests", sum.Requests, "bytes", sum.Bytes, "chain", sum.LongestChain)
}
