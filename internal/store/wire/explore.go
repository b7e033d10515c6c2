package wire

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
)

// errTakesNoMore says that a request would have needed a second connection.
var errTakesNoMore = errors.New("the host takes no more requests at once")

// explore sends a request on a connection that may be taking as many as it
// can. How many that are the server said when the connection began, and
// net/http does not tell; when there are too many it connects once more. So
// one request at a time finds out: it may not connect, and where it would have
// to the cap is what is in flight. Where it need not, that is known at once,
// and the next one goes.
func explore(next http.RoundTripper, places *limiter, req *http.Request) (*http.Response, error) {
	done := sync.OnceFunc(places.explored)
	defer done()
	ctx := httptrace.WithClientTrace(exploring.on(req.Context()), &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { places.takes(); done() },
	})
	resp, err := next.RoundTrip(req.WithContext(ctx))
	if errors.Is(err, errTakesNoMore) {
		places.takesNoMore()
	}
	return resp, err
}

// takes notes that the host takes one more than was sure.
func (l *limiter) takes() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sure++
}

// takesNoMore notes that what is sure is all that the host takes.
func (l *limiter) takesNoMore() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.most = l.sure
	l.cap = min(l.cap, l.most)
}

// explored lets the next request find out.
func (l *limiter) explored() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trying = false
	l.wake()
}

// isEmpty reports whether a request has nothing to send: net/http closes what
// it cannot send.
func isEmpty(req *http.Request) bool { return req.Body == nil || req.Body == http.NoBody }

// unlessExploring keeps requests that explore from connecting.
func unlessExploring(dial func(ctx context.Context, network, address string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if ctx.Value(exploring) != nil {
			return nil, errTakesNoMore
		}
		return dial(ctx, network, address)
	}
}
