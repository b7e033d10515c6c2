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

// How long a silent peer is waited for. Scanners and stores that compute a
// digest before they answer make blobs slower than the rest.
const (
	answerLimit = 30 * time.Second
	blobLimit   = 5 * time.Minute
	stallLimit  = 60 * time.Second
	// minProgress is how many bytes must come while stallLimit is waited: a
	// trickle is no progress.
	minProgress = 16 << 10
)

// ResponseTimeoutError says that a peer stopped answering.
type ResponseTimeoutError struct {
	Host   string
	Waited time.Duration
}

func (e *ResponseTimeoutError) Error() string {
	return fmt.Sprintf("%s did not answer within %s", e.Host, e.Waited)
}

// StalledError says that an answer came too slowly to go on with it.
type StalledError struct {
	Host   string
	Waited time.Duration
}

func (e *StalledError) Error() string {
	return fmt.Sprintf("%s sent less than %d bytes in %s", e.Host, minProgress, e.Waited)
}

// timeouts gives up on a peer that sends no answer in time, or stops sending
// in the middle of one. While a body is being sent, each piece the network
// takes counts as a sign of life.
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

// watchBody limits how long a body may pause.
func (p *timeouts) watchBody(ctx context.Context, give context.CancelCauseFunc, host string, body io.ReadCloser) io.ReadCloser {
	timer := time.AfterFunc(p.stalls, func() { give(&StalledError{Host: host, Waited: p.stalls}) })
	timer.Stop()
	return &minRateBody{ReadCloser: body, limit: p.stalls, timer: timer, ctx: ctx, done: func() {
		timer.Stop()
		give(nil)
	}}
}

// cause puts the reason why a request was given up before net/http's words for
// it.
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

// idleTimer is a timer that signs of life start again, until the answer is there.
type idleTimer struct {
	limit time.Duration
	mu    sync.Mutex
	timer *time.Timer
	ended bool
}

func newWatch(limit time.Duration, over func()) *idleTimer {
	return &idleTimer{limit: limit, timer: time.AfterFunc(limit, over)}
}

// start starts the timer from its beginning. net/http may still be reading a
// body when the answer is there already.
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

// progressBody is a body that is sent, whose every piece is a sign of life.
type progressBody struct {
	io.ReadCloser
	watch *idleTimer
}

func (w *progressBody) Read(b []byte) (int, error) {
	n, err := w.ReadCloser.Read(b)
	w.watch.start()
	return n, err
}

// minRateBody is a body that is received. Only the time spent waiting for it counts,
// not what its reader does between two pieces; the count starts again with
// every minProgress bytes.
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
