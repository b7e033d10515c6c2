package transport

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Requests in flight per host when the user names no number. An HTTP/2 host
// takes them on one connection: a hundred are what every server is to allow
// (RFC 9113, section 6.5.2), more are probed for (h2_share.go). Four blobs of
// fifty images are two hundred. An HTTP/1.1 host needs a connection for each.
const (
	inFlightHTTP2 = 200
	sureHTTP2     = 100
	inFlightHTTP1 = 32
)

// limiter caps the requests in flight to one host. The cap is halved when the
// host answers 429 and grows back by one with every round of good answers.
type limiter struct {
	mu        sync.Mutex
	max       int // the cap in good times
	cap       int
	confirmed int  // so many the host is known to take at once
	withConn  int  // of those in flight, how many have a connection
	probing   bool // whether a request is finding out about one more
	inFlight  int
	successes int // good answers since the cap last grew
	waiting   []waiter
	pauses    int // waits that the host asked for and that are not over
	refusals  int // times the host was left alone since its last good answer
	pause     *backoff.ExponentialBackOff
}

func newLimiter(most int) *limiter {
	return &limiter{max: most, cap: most, confirmed: most, pause: newBackoff()}
}

// onSuccess adapts the cap to an answer that is no refusal.
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

// onTooManyRequests adapts the cap to an answer 429, and keeps all requests from the host
// for as long as it asks, or a little while. A wait beyond what is waited for a
// single request is left to that request, and a host that refuses all it is
// asked is waited for no longer. It reports whether the host was left
// alone already: the request was on its way before, and its refusal says
// nothing new.
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

// isExhausted reports whether the host refused all it was asked, after as many
// waits as a single request is worth.
func (l *limiter) isExhausted() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refusals >= maxTries
}

// setMax changes the cap of good times, once the protocol is known, and how much
// of it is sure.
func (l *limiter) setMax(most, sure int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cap == l.max || l.cap > most {
		l.cap = most
	}
	l.max, l.confirmed = most, sure
	l.dispatch()
}

// limit holds each request back until its host has a free place, which it
// keeps until the answer was read, or begins where it may be long.
type limit struct {
	next      http.RoundTripper
	peers     *peers
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
	case resp.StatusCode == http.StatusTooManyRequests:
		ticketOf(req.Context()).refusedInPause = places.onTooManyRequests(retryAfter(resp, time.Now()), l.afterFunc)
	default:
		places.onSuccess()
	}
	return one.holdUntilRead(req, resp), err
}
