package wire

import (
	"cmp"
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
)

// peer is one scheme://host:port that requests really go to: a registry, its
// token server, its storage.
type peer struct {
	places *limiter
	// lead is taken by the first request; known is closed when its connection
	// stands or failed.
	lead  sync.Once
	known chan struct{}
	first firstConnection
	fails breaker
}

// peers holds the state of every peer that was met.
type peers struct {
	// jobs is what is set for a host, 0 where nothing is.
	jobs    func(host string) int
	tickets atomic.Int64 // so many were given out
	mu      sync.Mutex
	all     map[string]*peer
}

func (p *peers) of(req *http.Request) *peer {
	key := req.URL.Scheme + "://" + req.URL.Host
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all[key] == nil {
		most := cmp.Or(p.jobs(req.URL.Host), inFlightHTTP1)
		p.all[key] = &peer{places: newLimiter(most), known: make(chan struct{}), first: newFirstConnection()}
	}
	return p.all[key]
}

// connect holds the first TLS handshake to a peer alone: when it settles on
// HTTP/2, all further requests share its connection instead of opening one
// each. Only the handshake is waited for, not the answer.
type connect struct {
	next  http.RoundTripper
	peers *peers
}

// connected adds the stage, unless a test stands in for the network: then
// there is no handshake to wait for.
func connected(next http.RoundTripper, o Options, met *peers) http.RoundTripper {
	if o.Base != nil {
		return next
	}
	return &connect{next: next, peers: met}
}

func (c *connect) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "https" {
		return c.next.RoundTrip(req)
	}
	p := c.peers.of(req)
	leads := false
	p.lead.Do(func() { leads = true })
	if leads {
		return c.alone(p, req)
	}
	select {
	case <-p.known:
		return p.first.follow(c.next, req)
	case <-req.Context().Done():
		return nil, context.Cause(req.Context())
	}
}

func (c *connect) alone(p *peer, req *http.Request) (*http.Response, error) {
	open := sync.OnceFunc(func() { close(p.known) })
	defer open()
	defer p.first.settle()
	trace := &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			conn, ok := info.Conn.(*tls.Conn)
			if !ok || conn.ConnectionState().NegotiatedProtocol != "h2" {
				p.first.settle()
			} else if c.peers.jobs(req.URL.Host) == 0 {
				p.places.allow(inFlightHTTP2, sureHTTP2)
			}
		},
		WroteHeaders: open,
	}
	return c.next.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
}
