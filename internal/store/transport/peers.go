package transport

import (
	"cmp"
	"net/http"
	"sync"
	"sync/atomic"
)

// peer is one scheme://host:port that requests are sent to: a registry, its token
// server, its storage.
type peer struct {
	limiter *limiter
	breaker breaker

	mu     sync.Mutex
	shared *sharedConn
}

// peers holds the state of every peer of the run.
type peers struct {
	// jobs is the configured limit of a host, 0 if there is none.
	jobs    func(host string) int
	tickets atomic.Int64 // number of tickets issued
	mu      sync.Mutex
	all     map[string]*peer
}

func (p *peers) of(req *http.Request) *peer {
	key := req.URL.Scheme + "://" + req.URL.Host
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all[key] == nil {
		most := cmp.Or(p.jobs(req.URL.Host), inFlightHTTP1)
		p.all[key] = &peer{limiter: newLimiter(most), shared: newSharedConn()}
	}
	return p.all[key]
}
