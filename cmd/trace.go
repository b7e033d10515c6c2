package cmd

import (
	"io"
	"log/slog"

	"manifest-tool/internal/store/wire"
)

// trace is what --debug shows: a line for each request, and what they came to.
type trace struct {
	log   *slog.Logger
	tally wire.Tally
	// clean takes secrets out of a text: a redirect may have led to a path
	// that repeats one.
	clean func(string) string
}

func newTrace(w io.Writer, clean func(string) string) *trace {
	return &trace{clean: clean, log: slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))}
}

// request logs one request. Headers and queries that may hold secrets are not
// in an event.
func (t *trace) request(e wire.Event) {
	t.tally.Add(e)
	if e.Err != nil {
		t.log.Debug("request", "method", e.Method, "url", t.clean(e.URL), "error", t.clean(e.Err.Error()), "ms", e.Took.Milliseconds())
		return
	}
	t.log.Debug("request", "method", e.Method, "url", t.clean(e.URL), "status", e.Status, "bytes", e.Bytes, "ms", e.Took.Milliseconds())
}

// close logs the requests, the bytes and the longest chain of a run.
func (t *trace) close() {
	sum := t.tally.Sum()
	t.log.Debug("total", "requests", sum.Requests, "bytes", sum.Bytes, "chain", sum.Chain)
}
