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

// errUseSharedConn says that there is a connection to be shared, so that none is made.
var errUseSharedConn = errors.New("the connection is shared")

// errSentBefore says the same of a request that was on its way when its
// connection broke.
var errSentBefore = fmt.Errorf("the connection ended while the request was sent: %w", io.ErrUnexpectedEOF)

// A request that finds the shared connection full asks again after a moment,
// and after twice that, so often: a quarter of a second in all. After that the
// connection is one that takes no more: long answers fill it, or its server
// said that it is about to end it.
const (
	sharedMoment = time.Millisecond
	sharedTries  = 8
)

// sharedConn is how the requests to a peer come by a connection: the first one,
// the lead, makes it, and when it settles on HTTP/2 the others follow and share
// it until it ends. net/http alone opens another one wherever it does not find
// the first at once: in the moment before it is pooled, and while streams whose
// answers were read are not yet put away.
type sharedConn struct {
	leading atomic.Bool
	ready   chan struct{} // closed when the lead's connection stands or failed
	// Set before known is closed: whether the connection is HTTP/2, and what is
	// closed when it ends.
	h2     bool
	closed <-chan struct{}
}

func newSharing() *sharedConn { return &sharedConn{ready: make(chan struct{})} }

// setConn notes the connection of the lead.
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

// roundTrip sends a request after the lead's. crowded says that it was not sent
// because the connection takes no more, or ended: another sharing is due.
func (s *sharedConn) roundTrip(next http.RoundTripper, wait sleepFunc, req *http.Request) (resp *http.Response, crowded bool, err error) {
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

// sleepFunc pauses, as Pace.Wait does.
type sleepFunc = func(context.Context, time.Duration) error

// attempt sends a request on the shared connection. After errUseSharedConn it was not
// sent, and its body is as it was.
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

// refuseNewConn keeps requests that follow from connecting.
func refuseNewConn(dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if callOf(ctx).shared {
			return nil, errUseSharedConn
		}
		return dial(ctx, network, address)
	}
}

// dialer opens a connection, as net.Dialer's DialContext does.
type dialer = func(ctx context.Context, network, address string) (net.Conn, error)
