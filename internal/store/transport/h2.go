package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
)

// This file is the entry to the sharing of HTTP/2 connections; the other h2_ files
// are used only through it and by the limit stage.
//
// Why: a run sends hundreds of requests to one registry at once. net/http opens a
// further connection for each request that does not find the first one ready (in
// the moment before it is pooled) or not free (while it counts streams whose
// responses were read already), so without this stage a push opens a handful of
// TLS connections, each with a handshake. Go 1.26 has
// http.HTTP2Config.StrictMaxConcurrentRequests, which forbids further
// connections, but a run stalls with it as soon as more requests are in flight
// than the server allows: in three runs of three.
//
// How: the first request makes the connection, and if that is HTTP/2, all others
// must use it (sharedConnection); a dial in their name fails with
// errUseSharedConn and they try again (h2_share.go, h2_body.go). How many
// requests the server allows is found out one by one (lowerLimit).
//
// When to delete it: when, with StrictMaxConcurrentRequests set, net/http queues
// the requests above the server's limit without stalling, and the first wave of
// requests to a host waits for one handshake. Then remove the h2_ files, the call
// of connected in New, that of refuseNewConn in newNetwork, and the probing in
// limiter. The golden request lists and the connection counts in e2e show whether
// net/http does it.

var (
	// errUseSharedConn is the error of a dial for a request that must use the
	// shared connection: the request was not sent.
	errUseSharedConn = errors.New("the connection is shared")
	// errConnFull is the error of a request that would have needed a second
	// connection.
	errConnFull = errors.New("the host accepts no more requests at once")
)

// connect sends the first TLS handshake to a peer alone: if it negotiates HTTP/2,
// all further requests share its connection instead of opening one each. Requests
// wait for the handshake, not for the response.
type connect struct {
	next  http.RoundTripper
	wait  sleepFunc
	peers *peers
}

// connected adds the stage, unless a test replaces the network: then there is no
// handshake to wait for.
func connected(next http.RoundTripper, o Options, met *peers) http.RoundTripper {
	if o.Base != nil {
		return next
	}
	return &connect{next: next, wait: o.Timing.OrDefault().Wait, peers: met}
}

func (c *connect) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "https" {
		return c.next.RoundTrip(req)
	}
	for p := c.peers.of(req); ; {
		s := p.conn()
		if s.leading.CompareAndSwap(false, true) {
			return c.roundTripFirst(p, s, req)
		}
		select {
		case <-s.ready:
		case <-req.Context().Done():
			return nil, context.Cause(req.Context())
		}
		resp, full, err := s.roundTrip(c.next, c.wait, req)
		if !full {
			return resp, err
		}
		p.resetConn(s)
	}
}

// roundTripFirst sends the request that makes the connection.
func (c *connect) roundTripFirst(p *peer, s *sharedConn, req *http.Request) (*http.Response, error) {
	open := sync.OnceFunc(func() { close(s.ready) })
	defer open()
	var once sync.Once // net/http may use another connection if the first one fails
	trace := &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			once.Do(func() { s.setConn(info.Conn) })
			if s.h2 && c.peers.jobs(req.URL.Host) == 0 {
				p.limiter.setMax(inFlightHTTP2, sureHTTP2)
			}
		},
		WroteHeaders: open,
	}
	return c.next.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
}

// conn returns the connection that requests to the peer share now.
func (p *peer) conn() *sharedConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shared
}

// resetConn makes the next request open a connection, unless another one has
// replaced old already.
func (p *peer) resetConn(old *sharedConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shared == old {
		p.shared = newSharedConn()
	}
}

func isHTTP2(c net.Conn) bool {
	secured, ok := c.(*tls.Conn)
	return ok && secured.ConnectionState().NegotiatedProtocol == "h2"
}

// dialer opens a connection, as net.Dialer's DialContext does.
type dialer = func(ctx context.Context, network, address string) (net.Conn, error)

// refuseNewConn makes a dial for a request that must use the shared connection
// fail.
func refuseNewConn(dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if callOf(ctx).shared {
			return nil, errUseSharedConn
		}
		return dial(ctx, network, address)
	}
}
