package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// errSentBefore is errUseSharedConn for a request whose body was partly sent when
// its connection broke.
var errSentBefore = fmt.Errorf("the connection ended while the request was sent: %w", io.ErrUnexpectedEOF)

// A request that finds the shared connection full tries again after sharedMoment,
// then after twice that, sharedTries times: a quarter of a second in all. After
// that the connection counts as full: long responses occupy it, or its server
// announced its end.
const (
	sharedMoment = time.Millisecond
	sharedTries  = 8
)

// sharedConn is the connection of the requests to a peer: the first request makes
// it, and if it negotiates HTTP/2, the others share it until it ends.
type sharedConn struct {
	leading atomic.Bool
	ready   chan struct{} // closed when the first request has a connection or failed
	// Set before ready is closed: whether the connection is HTTP/2, and a channel
	// that is closed when it ends.
	h2     bool
	closed <-chan struct{}
}

func newSharedConn() *sharedConn { return &sharedConn{ready: make(chan struct{})} }

// setConn records the connection of the first request.
func (s *sharedConn) setConn(c net.Conn) {
	s.h2 = isHTTP2(c)
	for {
		switch over := c.(type) {
		case *bufferedConn:
			s.closed = over.ended
			return
		case interface{ NetConn() net.Conn }: // TLS, or TLS through a proxy's
			c = over.NetConn()
		default:
			return
		}
	}
}

// roundTrip sends a request after the first one. full is set if it was not sent
// because the connection accepts no more or ended: another one is needed.
func (s *sharedConn) roundTrip(next http.RoundTripper, wait sleepFunc, req *http.Request) (resp *http.Response, full bool, err error) {
	if !s.h2 {
		resp, err = next.RoundTrip(req)
		return resp, false, err
	}
	for try := range sharedTries {
		resp, err = attempt(next, req)
		switch {
		case !errors.Is(err, errUseSharedConn):
			return resp, false, err
		case s.isOver():
			return nil, true, nil
		case callOf(req.Context()).probe:
			return nil, false, errConnFull
		}
		if err := wait(req.Context(), sharedMoment<<try); err != nil {
			return nil, false, err
		}
	}
	return nil, true, nil
}

// sleepFunc pauses, as Timing.Wait does.
type sleepFunc = func(context.Context, time.Duration) error

// attempt sends a request on the shared connection. After errUseSharedConn it was
// not sent, and its body was not read.
func attempt(next http.RoundTripper, req *http.Request) (*http.Response, error) {
	one := &heldRequest{req: req}
	resp, err := next.RoundTrip(one.with(With(req.Context(), sharedConnection)))
	if !errors.Is(err, errUseSharedConn) {
		one.release()
		return resp, err
	}
	if one.bodyStarted() {
		one.release()
		return nil, errSentBefore
	}
	return nil, errUseSharedConn
}

func (s *sharedConn) isOver() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// A server announces how many requests it accepts on a connection, but net/http
// does not expose the number; above it, net/http opens a further connection. So
// once all requests in flight have a connection, one request at a time is a probe:
// it must not open a connection. If it would have to, the number of requests in
// flight is the limit; if not, the limit is at least one higher, and the next
// probe is sent.

// lowerLimit makes the confirmed number of requests the limit. A fifth of it is
// left for responses that are being read, whose places are free and whose streams
// are not, unless that is less than every server should accept.
func (l *limiter) lowerLimit() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.max = max(min(l.confirmed, sureHTTP2), l.confirmed*4/5)
	l.cap = min(l.cap, l.max)
}

// isEmpty reports whether a request has nothing to send.
func isEmpty(req *http.Request) bool { return req.Body == nil || req.Body == http.NoBody }
