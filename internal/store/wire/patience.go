package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// How long a silent peer is waited for. Scanners and stores that compute a
// digest before they answer make blobs slower than the rest.
const (
	answerLimit = 30 * time.Second
	blobLimit   = 5 * time.Minute
	stallLimit  = 60 * time.Second
)

// SilentError says that a peer stopped answering.
type SilentError struct {
	Host   string
	Waited time.Duration
}

func (e *SilentError) Error() string {
	return fmt.Sprintf("%s did not answer within %s", e.Host, e.Waited)
}

// patience gives up on a peer that sends no answer in time, or stops sending
// in the middle of one. While a body is being sent, each piece the network
// takes counts as a sign of life.
type patience struct {
	next                 http.RoundTripper
	answer, blob, stalls time.Duration
}

func newPatience(next http.RoundTripper) *patience {
	return &patience{next: next, answer: answerLimit, blob: blobLimit, stalls: stallLimit}
}

func (p *patience) RoundTrip(req *http.Request) (*http.Response, error) {
	limit := p.answer
	if _, kind := route(req.URL.Path); kind == "blobs" && req.Method != http.MethodPost {
		limit = p.blob
	}
	ctx, give := context.WithCancelCause(req.Context())
	watch := &watch{limit: limit, timer: time.AfterFunc(limit, func() {
		give(&SilentError{Host: req.URL.Host, Waited: limit})
	})}
	out := req.WithContext(ctx)
	if req.Body != nil && req.Body != http.NoBody {
		out.Body = &lively{ReadCloser: req.Body, watch: watch}
	}
	resp, err := p.next.RoundTrip(out)
	watch.timer.Stop()
	if err != nil {
		defer give(nil)
		return nil, cause(ctx, err)
	}
	resp.Body = p.watchBody(ctx, give, req.URL.Host, resp.Body)
	return resp, nil
}

// watchBody limits how long a body may pause.
func (p *patience) watchBody(ctx context.Context, give context.CancelCauseFunc, host string, body io.ReadCloser) io.ReadCloser {
	stall := &watch{limit: p.stalls, timer: time.AfterFunc(p.stalls, func() {
		give(&SilentError{Host: host, Waited: p.stalls})
	})}
	return &lively{ReadCloser: body, watch: stall, ctx: ctx, done: func() {
		stall.timer.Stop()
		give(nil)
	}}
}

// cause puts the reason why a request was given up before net/http's words for
// it.
func cause(ctx context.Context, err error) error {
	var silent *SilentError
	if errors.As(context.Cause(ctx), &silent) {
		return silent
	}
	return err
}

// watch is a timer that signs of life start again.
type watch struct {
	limit time.Duration
	timer *time.Timer
}

// lively is a body whose every piece is a sign of life.
type lively struct {
	io.ReadCloser
	watch *watch
	ctx   context.Context //nolint:containedctx // the body's life is the request's
	done  func()
}

func (w *lively) Read(b []byte) (int, error) {
	n, err := w.ReadCloser.Read(b)
	w.watch.timer.Reset(w.watch.limit)
	if err != nil && w.done != nil {
		err = cause(w.ctx, err)
		w.watch.timer.Stop()
	}
	return n, err
}

func (w *lively) Close() error {
	err := w.ReadCloser.Close()
	if w.done != nil {
		w.done()
	}
	return err
}
