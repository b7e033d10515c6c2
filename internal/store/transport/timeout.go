package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Limits for a peer that does not send. Registries that scan or hash a blob before they
// respond make blobs slower than the rest.
const (
	answerLimit = 30 * time.Second
	blobLimit   = 5 * time.Minute
	stallLimit  = 60 * time.Second
	// minProgress is the number of bytes that must arrive within stallLimit.
	minProgress = 16 << 10
)

// ResponseTimeoutError reports that a peer did not respond in time.
type ResponseTimeoutError struct {
	Host   string
	Waited time.Duration
}

func (e *ResponseTimeoutError) Error() string {
	return fmt.Sprintf("%s did not respond within %s", e.Host, e.Waited)
}

// StalledError reports that a response arrived too slowly.
type StalledError struct {
	Host   string
	Waited time.Duration
}

func (e *StalledError) Error() string {
	return fmt.Sprintf("%s sent less than %d bytes in %s", e.Host, minProgress, e.Waited)
}

// timeouts gives up on a peer that does not respond in time, or stops sending within a
// response. While a request body is sent, each piece of it restarts the limit.
type timeouts struct {
	next                 http.RoundTripper
	answer, blob, stalls time.Duration
}

func newPatience(next http.RoundTripper, p Timing) *timeouts {
	return &timeouts{next: next, answer: p.ResponseHeader, blob: p.BlobResponse, stalls: p.BodyIdle}
}

func (p *timeouts) RoundTrip(req *http.Request) (*http.Response, error) {
	limit := p.answer
	if _, kind := parsePath(req.URL.Path); kind == "blobs" && req.Method != http.MethodPost {
		limit = p.blob
	}
	ctx, give := context.WithCancelCause(req.Context())
	watch := newWatch(limit, func() { give(&ResponseTimeoutError{Host: req.URL.Host, Waited: limit}) })
	out := req.WithContext(ctx)
	if req.Body != nil && req.Body != http.NoBody {
		out.Body = &progressBody{ReadCloser: req.Body, watch: watch}
	}
	resp, err := p.next.RoundTrip(out)
	watch.end()
	if err != nil {
		defer give(nil)
		return nil, cause(ctx, err)
	}
	resp.Body = p.watchBody(ctx, give, req.URL.Host, resp.Body)
	return resp, nil
}

// watchBody limits how long a body may stall.
func (p *timeouts) watchBody(ctx context.Context, give context.CancelCauseFunc, host string, body io.ReadCloser) io.ReadCloser {
	timer := time.AfterFunc(p.stalls, func() { give(&StalledError{Host: host, Waited: p.stalls}) })
	timer.Stop()
	return &minRateBody{ReadCloser: body, limit: p.stalls, timer: timer, ctx: ctx, done: func() {
		timer.Stop()
		give(nil)
	}}
}

// cause replaces net/http's error for a cancelled request by the reason.
func cause(ctx context.Context, err error) error {
	var (
		silent *ResponseTimeoutError
		slow   *StalledError
	)
	switch why := context.Cause(ctx); {
	case errors.As(why, &silent):
		return silent
	case errors.As(why, &slow):
		return slow
	}
	return err
}

// idleTimer is a timer that progress restarts, until the response arrives.
type idleTimer struct {
	limit time.Duration
	mu    sync.Mutex
	timer *time.Timer
	ended bool
}

func newWatch(limit time.Duration, over func()) *idleTimer {
	return &idleTimer{limit: limit, timer: time.AfterFunc(limit, over)}
}

// start restarts the timer. net/http may still read a body after the response has
// arrived.
func (w *idleTimer) start() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.ended {
		w.timer.Reset(w.limit)
	}
}

func (w *idleTimer) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	w.timer.Stop()
}

// progressBody is a request body; each piece restarts the timer.
type progressBody struct {
	io.ReadCloser
	watch *idleTimer
}

func (w *progressBody) Read(b []byte) (int, error) {
	n, err := w.ReadCloser.Read(b)
	w.watch.start()
	return n, err
}

// minRateBody is a response body. Only the time spent waiting for it counts, not that of
// its reader between two pieces; the count restarts with every minProgress bytes.
type minRateBody struct {
	io.ReadCloser
	limit  time.Duration
	timer  *time.Timer
	ctx    context.Context //nolint:containedctx // the body's life is the request's
	done   func()
	waited time.Duration
	got    int
}

func (p *minRateBody) Read(b []byte) (int, error) {
	begun := time.Now()
	p.timer.Reset(max(0, p.limit-p.waited))
	n, err := p.ReadCloser.Read(b)
	p.timer.Stop()
	p.waited += time.Since(begun)
	if p.got += n; p.got >= minProgress {
		p.got, p.waited = 0, 0
	}
	if err != nil {
		err = cause(p.ctx, err)
	}
	return n, err
}

func (p *minRateBody) Close() error {
	err := p.ReadCloser.Close()
	p.done()
	return err
}
