package wire

import (
	"net/http"
	"sync/atomic"
)

// breakAfter is how many failures in a row, over all requests to a host, end
// the repeating: a host that is down is not asked five times for each of a
// thousand blobs.
const breakAfter = 20

// breaker counts the failures of a host since its last good answer.
type breaker struct{ failures atomic.Int32 }

// note counts one attempt and reports whether the host counts as down.
func (b *breaker) note(good bool) bool {
	if good {
		b.failures.Store(0)
		return false
	}
	return b.failures.Add(1) > breakAfter
}

// breaker returns that of the host a request names, whatever the scheme.
func (p *peers) breaker(req *http.Request) *breaker { return &p.of(withScheme(req, "")).fails }
