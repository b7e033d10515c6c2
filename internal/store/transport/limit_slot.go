package transport

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
)

// slot is the place of one request among those in flight.
type slot struct {
	of       *limiter
	isProbe  bool
	hasConn  bool
	released bool
}

// watch makes net/http report when the request has a connection.
func (p *slot) watch(ctx context.Context) context.Context {
	if p.isProbe {
		ctx = With(ctx, probeRequest)
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { p.connected() }})
}

// connected records that the request has a connection; a probe then has shown that
// the host accepts one more than was known.
func (p *slot) connected() {
	l := p.of
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.hasConn || p.released {
		return
	}
	p.hasConn = true
	l.withConn++
	if p.isProbe {
		l.confirmed++
		l.probing = false
	}
	l.dispatch()
}

// release frees the place.
func (p *slot) release() {
	l := p.of
	l.mu.Lock()
	defer l.mu.Unlock()
	p.released = true
	l.inFlight--
	switch {
	case p.hasConn:
		l.withConn--
	case p.isProbe:
		l.probing = false
	}
	l.dispatch()
}

// holdUntilRead keeps the place of a request until its response was read: until
// then it occupies a stream of an HTTP/2 connection, or a connection, and another
// request would open a further one. A response that may be long (a blob, or one
// from the target of a redirect) does not count: a stream from one repository to
// another on the same host would wait for itself.
func (p *slot) holdUntilRead(req *http.Request, resp *http.Response) *http.Response {
	if resp == nil || resp.Body == nil || !isBoundedBody(req, resp) {
		p.release()
		return resp
	}
	resp.Body = &slotBody{ReadCloser: resp.Body, leave: sync.OnceFunc(p.release)}
	return resp
}

// isBoundedBody reports whether a response has a body that is read at once and to
// its end.
func isBoundedBody(req *http.Request, resp *http.Response) bool {
	if req.Method == http.MethodHead || resp.Body == http.NoBody {
		return false // an empty one may still be open: its stream ends apart from its header
	}
	_, kind := parsePath(req.URL.Path)
	return req.Method != http.MethodGet || kind != "" && kind != "blobs"
}

// slotBody is a body that keeps a place until it was read.
type slotBody struct {
	io.ReadCloser
	leave func()
}

func (o *slotBody) Read(b []byte) (int, error) {
	n, err := o.ReadCloser.Read(b)
	if err != nil {
		o.leave()
	}
	return n, err
}

func (o *slotBody) Close() error {
	defer o.leave()
	return o.ReadCloser.Close()
}
