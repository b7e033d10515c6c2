package wire

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
)

// errTakesNoMore says that a request would have needed a second connection.
var errTakesNoMore = errors.New("the host takes no more requests at once")

// place is one of the requests in flight. How many a connection takes at once
// the server said when it began, and net/http does not tell; when there are too
// many it connects once more. So, when all that are in flight have a
// connection, one request at a time finds out: it may not connect, and where it
// would have to, the cap is what is in flight. Where it need not, that is known
// at once, and the next one goes.
type place struct {
	of       *limiter
	explores bool
	boarded  bool
	left     bool
}

// watch has net/http say when the request has a connection.
func (p *place) watch(ctx context.Context) context.Context {
	if p.explores {
		ctx = exploring.on(ctx)
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { p.board() }})
}

// board notes that the request has a connection, where the host takes one more
// than was sure if it explores.
func (p *place) board() {
	l := p.of
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.boarded || p.left {
		return
	}
	p.boarded = true
	l.boarded++
	if p.explores {
		l.sure++
		l.trying = false
	}
	l.wake()
}

// leave gives the place away.
func (p *place) leave() {
	l := p.of
	l.mu.Lock()
	defer l.mu.Unlock()
	p.left = true
	l.flying--
	switch {
	case p.boarded:
		l.boarded--
	case p.explores:
		l.trying = false
	}
	l.wake()
}

// takesNoMore notes that what is sure is all that the host takes. A fifth of it
// is left to answers that have begun, whose places are free and whose streams
// are not, unless that is less than every server is to take.
func (l *limiter) takesNoMore() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.most = max(min(l.sure, sureHTTP2), l.sure*4/5)
	l.cap = min(l.cap, l.most)
}

// isEmpty reports whether a request has nothing to send.
func isEmpty(req *http.Request) bool { return req.Body == nil || req.Body == http.NoBody }
