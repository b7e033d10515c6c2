package transport

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
)

// errConnFull says that a request would have needed a second connection.
var errConnFull = errors.New("the host takes no more requests at once")

// slot is one of the requests in flight. How many a connection takes at once
// the server said when it began, and net/http does not tell; when there are too
// many it connects once more. So, when all that are in flight have a
// connection, one request at a time finds out: it may not connect, and where it
// would have to, the cap is what is in flight. Where it need not, that is known
// at once, and the next one goes.
type slot struct {
	of       *limiter
	isProbe  bool
	hasConn  bool
	released bool
}

// watch has net/http say when the request has a connection.
func (p *slot) watch(ctx context.Context) context.Context {
	if p.isProbe {
		ctx = With(ctx, probeRequest)
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { p.connected() }})
}

// connected notes that the request has a connection, where the host takes one more
// than was sure if it explores.
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

// release gives the place away.
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

// lowerLimit notes that what is sure is all that the host takes. A fifth of it
// is left to answers that have begun, whose places are free and whose streams
// are not, unless that is less than every server is to take.
func (l *limiter) lowerLimit() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.max = max(min(l.confirmed, sureHTTP2), l.confirmed*4/5)
	l.cap = min(l.cap, l.max)
}

// isEmpty reports whether a request has nothing to send.
func isEmpty(req *http.Request) bool { return req.Body == nil || req.Body == http.NoBody }
