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

// maxConsecutiveFailures is the number of consecutive failures, over all requests to a
// host, after which requests are not repeated: a host that is down does not get five
// requests for each of a thousand blobs.
const maxConsecutiveFailures = 20

// breaker counts the failures of a host since its last success.
type breaker struct{ failures atomic.Int32 }

// note counts one attempt and reports whether the host counts as down.
func (b *breaker) note(good bool) bool {
	if good {
		b.failures.Store(0)
		return false
	}
	return b.failures.Add(1) > maxConsecutiveFailures
}

// note records the outcome of one attempt. It reports whether requests to the host are
// paused, so that the caller need not wait itself; and whether the host failed, or
// limited the rate, so often in a row that the request must not be repeated.
func (p *peers) note(req *http.Request, resp *http.Response, again bool) (kept, down bool) {
	if p == nil {
		return false, false
	}
	if resp != nil && resp.StatusCode == http.StatusTooManyRequests && resp.Request != nil {
		return true, p.of(resp.Request).limiter.isExhausted()
	}
	return false, p.of(withScheme(req, "")).breaker.note(!again)
}
