package wire

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

// errShared says that a connection is there to be shared, so that none has to
// be made.
var errShared = errors.New("the connection is shared")

// sharing is how long a new HTTP/2 connection is waited for at most.
const sharing = time.Second

// firstConnection is that of the first request to a host. net/http hands it to
// this request a moment before it puts it where the others look for one to
// share; those that come in between would open one each. They wait: once one of
// them has it, all have.
type firstConnection struct {
	settled chan struct{}
	settle  func()
}

func newFirstConnection() firstConnection {
	settled := make(chan struct{})
	return firstConnection{settled, sync.OnceFunc(func() { close(settled) })}
}

// follow sends a request after the first one.
func (f firstConnection) follow(next http.RoundTripper, req *http.Request) (*http.Response, error) {
	select {
	case <-f.settled:
		return next.RoundTrip(req)
	default:
	}
	ctx := context.WithValue(req.Context(), following, f)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { f.settle() }})
	resp, err := next.RoundTrip(req.WithContext(ctx))
	if !errors.Is(err, errShared) || !canRewind(req) {
		return resp, err
	}
	again, err := rewind(req)
	if err != nil {
		return nil, err
	}
	return next.RoundTrip(again)
}

// unlessShared keeps requests that follow the first one from connecting while
// its connection is about to be shared.
func unlessShared(dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		first, follows := ctx.Value(following).(firstConnection)
		if !follows {
			return dial(ctx, network, address)
		}
		select {
		case <-first.settled:
			return nil, errShared
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(sharing):
			return dial(ctx, network, address)
		}
	}
}

// dialer opens a connection, as net.Dialer's DialContext does.
type dialer = func(ctx context.Context, network, address string) (net.Conn, error)
