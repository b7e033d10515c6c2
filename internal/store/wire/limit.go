package wire

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Requests in flight per host when the user names no number. An HTTP/2 host
// takes them on one connection: a hundred are what every server is to allow
// (RFC 9113, section 6.5.2), more are tried out (explore.go). Four blobs of
// fifty images are two hundred. An HTTP/1.1 host needs a connection for each.
const (
	inFlightHTTP2 = 200
	sureHTTP2     = 100
	inFlightHTTP1 = 32
)

// limiter caps the requests in flight to one host. The cap is halved when the
// host answers 429 and grows back by one with every round of good answers.
type limiter struct {
	mu      sync.Mutex
	most    int // the cap in good times
	cap     int
	sure    int  // so many the host is known to take at once
	boarded int  // of those in flight, how many have a connection
	trying  bool // whether a request is finding out about one more
	flying  int
	good    int // good answers since the cap last grew
	waiting []turn
	holds   int // waits that the host asked for and that are not over
	row     int // times the host was left alone since its last good answer
	pause   *backoff.ExponentialBackOff
}

// turn is a request that waits for a place.
type turn struct {
	number  int64     // of its ticket
	empty   bool      // nothing is lost when it cannot be sent
	granted chan bool // whether it explores
}

func newLimiter(most int) *limiter {
	return &limiter{most: most, cap: most, sure: most, pause: newPause()}
}

// acquire waits for a place among the requests in flight. They are given away
// in the order in which the requests first came, however often they were sent
// since: one that was refused goes before those that were not sent yet, so
// that none is refused until its tries are used up. Only a request that is
// empty is sent to find out whether the host takes one more; explores says so.
func (l *limiter) acquire(ctx context.Context, empty bool) (explores bool, err error) {
	one := turn{ticketOf(ctx).number, empty, make(chan bool, 1)}
	l.mu.Lock()
	at := len(l.waiting)
	for at > 0 && l.waiting[at-1].number > one.number {
		at--
	}
	l.waiting = slices.Insert(l.waiting, at, one)
	l.wake()
	l.mu.Unlock()
	select {
	case explores = <-one.granted:
		return explores, nil
	default:
	}
	select {
	case explores = <-one.granted:
		return explores, nil
	case <-ctx.Done():
		l.abandon(one)
		return false, context.Cause(ctx)
	}
}

// abandon gives up a turn; one that was granted meanwhile goes to the next.
func (l *limiter) abandon(one turn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.waiting, one); i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
		return
	}
	l.trying = l.trying && !<-one.granted
	l.flying--
	l.wake()
}

// wake lets waiting requests go, first come, first served, unless the host is
// left alone. l.mu is held.
func (l *limiter) wake() {
	for l.holds == 0 && l.flying < l.cap && len(l.waiting) > 0 {
		explores := l.flying >= l.sure
		if explores && (l.trying || l.boarded < l.flying || !l.waiting[0].empty) {
			return
		}
		l.trying = l.trying || explores
		l.flying++
		l.waiting[0].granted <- explores
		l.waiting = l.waiting[1:]
	}
}

// heed adapts the cap to an answer that is no refusal.
func (l *limiter) heed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.row = 0
	l.pause.Reset()
	if l.good++; l.cap < l.most && l.good >= l.cap {
		l.cap, l.good = l.cap+1, 0
		l.wake()
	}
}

// refused adapts the cap to an answer 429, and keeps all requests from the host
// for as long as it asks, or a little while. A wait beyond what is waited for a
// single request is left to that request, and a host that refuses all it is
// asked is waited for no longer. It reports whether the host was left
// alone already: the request was on its way before, and its refusal says
// nothing new.
func (l *limiter) refused(asked time.Duration, later func(time.Duration, func())) (swept bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cap, l.good = max(1, l.cap/2), 0
	swept = l.holds > 0
	if !swept {
		l.row++
		asked = max(asked, l.pause.NextBackOff())
	}
	if asked > maxWait || l.row >= maxTries {
		return swept
	}
	l.holds++
	later(asked, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.holds--
		l.wake()
	})
	return swept
}

// refuses reports whether the host refused all it was asked, after as many
// waits as a single request is worth.
func (l *limiter) refuses() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.row >= maxTries
}

// allow changes the cap of good times, once the protocol is known, and how much
// of it is sure.
func (l *limiter) allow(most, sure int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cap == l.most || l.cap > most {
		l.cap = most
	}
	l.most, l.sure = most, sure
	l.wake()
}

// limit holds each request back until its host has a free place, which it
// keeps until the answer was read, or begins where it may be long.
type limit struct {
	next  http.RoundTripper
	peers *peers
	later func(time.Duration, func())
}

func (l *limit) RoundTrip(req *http.Request) (*http.Response, error) {
	places := l.peers.of(req).places
	explores, err := places.acquire(req.Context(), isEmpty(req))
	if err != nil {
		return nil, err
	}
	one := &place{of: places, explores: explores}
	resp, err := l.next.RoundTrip(req.WithContext(one.watch(req.Context())))
	switch {
	case errors.Is(err, errTakesNoMore):
		places.takesNoMore()
		one.leave()
		return l.RoundTrip(req)
	case err != nil:
	case resp.StatusCode == http.StatusTooManyRequests:
		ticketOf(req.Context()).swept = places.refused(retryAfter(resp, time.Now()), l.later)
	default:
		places.heed()
	}
	return one.keep(req, resp), err
}
