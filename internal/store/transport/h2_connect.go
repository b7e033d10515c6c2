package transport

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
)

// peer is one scheme://host:port that requests really go to: a registry, its
// token server, its storage.
type peer struct {
	limiter *limiter
	breaker breaker

	mu      sync.Mutex
	sharing *sharedConn
}

// conn returns how connections to the peer are come by now.
func (p *peer) conn() *sharedConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sharing
}

// resetConn lets the next request lead, unless another one began already.
func (p *peer) resetConn(instead *sharedConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sharing == instead {
		p.sharing = newSharing()
	}
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
		p.all[key] = &peer{limiter: newLimiter(most), sharing: newSharing()}
	}
	return p.all[key]
}

// connect holds the first TLS handshake to a peer alone: when it settles on
// HTTP/2, all further requests share its connection instead of opening one
// each. Only the handshake is waited for, not the answer.
type connect struct {
	next  http.RoundTripper
	wait  sleepFunc
	peers *peers
}

// connected adds the stage, unless a test stands in for the network: then
// there is no handshake to wait for.
func connected(next http.RoundTripper, o Options, met *peers) http.RoundTripper {
	if o.Base != nil {
		return next
	}
	return &connect{next: next, wait: o.Pace.OrDefault().Wait, peers: met}
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
		resp, crowded, err := s.roundTrip(c.next, c.wait, req)
		if !crowded {
			return resp, err
		}
		p.resetConn(s)
	}
}

// roundTripFirst sends the request of a lead.
func (c *connect) roundTripFirst(p *peer, s *sharedConn, req *http.Request) (*http.Response, error) {
	open := sync.OnceFunc(func() { close(s.ready) })
	defer open()
	var once sync.Once // net/http may take another connection when the first one fails
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

func isHTTP2(c net.Conn) bool {
	secured, ok := c.(*tls.Conn)
	return ok && secured.ConnectionState().NegotiatedProtocol == "h2"
}
