package transport

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Requests in flight per host without --jobs. An HTTP/2 host accepts them on one
// connection: every server should allow a hundred
// (RFC 9113, section 6.5.2), more are probed for (h2_share.go). Four blobs of
// fifty images are two hundred. An HTTP/1.1 host needs a connection for each.
const (
	inFlightHTTP2 = 200
	sureHTTP2     = 100
	inFlightHTTP1 = 32
)

// limiter limits the requests in flight to one host. The limit is halved when the host
// responds with 429 and grows by one with every round of successful responses.
type limiter struct {
	mu        sync.Mutex
	max       int // the limit without rate limiting
	cap       int
	confirmed int  // the number of requests that the host is known to accept at once
	withConn  int  // the number of requests in flight that have a connection
	probing   bool // whether a probe is in flight
	inFlight  int
	successes int // successful responses since cap last grew
	waiting   []waiter
	pauses    int // pauses that the host requested and that are not over
	refusals  int // pauses since the last successful response
	pause     *backoff.ExponentialBackOff
}

func newLimiter(most int) *limiter {
	return &limiter{max: most, cap: most, confirmed: most, pause: newBackoff()}
}

// onSuccess adapts the limit to a response other than 429.
func (l *limiter) onSuccess() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refusals = 0
	l.pause.Reset()
	if l.successes++; l.cap < l.max && l.successes >= l.cap {
		l.cap, l.successes = l.cap+1, 0
		l.dispatch()
	}
}

// onTooManyRequests adapts the limit to a 429, and pauses all requests to the host for
// as long as it requests, or a short time. A pause longer than maxWait is left to the
// request, and a host that refuses every request gets no further pause. It reports
// whether requests were paused already: then this one was sent before the pause, and
// its refusal is not new.
func (l *limiter) onTooManyRequests(asked time.Duration, later func(time.Duration, func())) (swept bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cap, l.successes = max(1, l.cap/2), 0
	swept = l.pauses > 0
	if !swept {
		l.refusals++
		asked = max(asked, l.pause.NextBackOff())
	}
	if asked > maxWait || l.refusals >= maxTries {
		return swept
	}
	l.pauses++
	later(asked, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.pauses--
		l.dispatch()
	})
	return swept
}

// isExhausted reports whether the host refused every request after maxTries pauses.
func (l *limiter) isExhausted() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refusals >= maxTries
}

// setMax sets the limit and its confirmed part, once the protocol is known.
func (l *limiter) setMax(most, sure int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cap == l.max || l.cap > most {
		l.cap = most
	}
	l.max, l.confirmed = most, sure
	l.dispatch()
}

// limit delays each request until its host has a free place. The request keeps it
// until the response was read, or until it starts if it may be long.
type limit struct {
	next      http.RoundTripper
	peers     *peers
	service   bool
	afterFunc func(time.Duration, func())
}

func (l *limit) RoundTrip(req *http.Request) (*http.Response, error) {
	places := l.peers.of(req).limiter
	explores, err := places.acquire(req.Context(), isEmpty(req))
	if err != nil {
		return nil, err
	}
	one := &slot{of: places, isProbe: explores}
	resp, err := l.next.RoundTrip(req.WithContext(one.watch(req.Context())))
	switch {
	case errors.Is(err, errConnFull):
		places.lowerLimit()
		one.release()
		return l.RoundTrip(req)
	case err != nil:
	case resp.StatusCode == http.StatusTooManyRequests && l.service:
	case resp.StatusCode == http.StatusTooManyRequests:
		ticketOf(req.Context()).refusedInPause = places.onTooManyRequests(retryAfter(resp, time.Now()), l.afterFunc)
	default:
		places.onSuccess()
	}
	return one.holdUntilRead(req, resp), err
}
