package wire

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Requests in flight per host when the user names no number. An HTTP/2 host
// takes them on one connection, up to the hundred streams that RFC 9113,
// section 6.5.2, wants every server to allow; an HTTP/1.1 host needs a
// connection for each.
const (
	inFlightHTTP2 = 100
	inFlightHTTP1 = 32
)

// limiter caps the requests in flight to one host. The cap is halved when the
// host answers 429 and grows back by one with every round of good answers.
type limiter struct {
	mu      sync.Mutex
	most    int // the cap in good times
	cap     int
	flying  int
	good    int // good answers since the cap last grew
	waiting []chan struct{}
	until   time.Time // when the host wants to be asked again
}

func newLimiter(most int) *limiter { return &limiter{most: most, cap: most} }

// acquire waits for a place among the requests in flight; those that were sent
// before come first, so that none is refused until its tries are used up.
func (l *limiter) acquire(ctx context.Context) error {
	l.mu.Lock()
	if l.flying < l.cap {
		l.flying++
		l.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	if ctx.Value(repeatedRequest) != nil {
		l.waiting = slices.Insert(l.waiting, 0, turn)
	} else {
		l.waiting = append(l.waiting, turn)
	}
	l.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		l.abandon(turn)
		return context.Cause(ctx)
	}
}

// abandon gives up a turn; one that was granted meanwhile goes to the next.
func (l *limiter) abandon(turn chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, w := range l.waiting {
		if w == turn {
			l.waiting = append(l.waiting[:i], l.waiting[i+1:]...)
			return
		}
	}
	l.flying--
	l.wake()
}

func (l *limiter) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flying--
	l.wake()
}

// wake lets waiting requests go, first come, first served.
func (l *limiter) wake() {
	for l.flying < l.cap && len(l.waiting) > 0 {
		l.flying++
		close(l.waiting[0])
		l.waiting = l.waiting[1:]
	}
}

// heed adapts the cap to an answer.
func (l *limiter) heed(status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if status == http.StatusTooManyRequests {
		l.cap, l.good = max(1, l.cap/2), 0
		return
	}
	if l.good++; l.cap < l.most && l.good >= l.cap {
		l.cap, l.good = l.cap+1, 0
		l.wake()
	}
}

// allow changes the cap of good times, once the protocol is known.
func (l *limiter) allow(most int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cap == l.most || l.cap > most {
		l.cap = most
	}
	l.most = most
	l.wake()
}

// hold keeps requests from a host that says when it wants to be asked again. A
// wait beyond what is waited for a single request is left to that request.
func (l *limiter) hold(d time.Duration, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := now.Add(d); d > 0 && d <= maxWait && until.After(l.until) {
		l.until = until
	}
}

// held is how long a request has to be kept.
func (l *limiter) held(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.until.Sub(now)
}

// limit holds each request back until its host has a free place, which it
// keeps until the answer begins. Bodies that are still being read do not
// count: a stream from one repository into another of the same host would
// otherwise wait for itself.
type limit struct {
	next  http.RoundTripper
	peers *peers
	wait  func(context.Context, time.Duration) error
}

func (l *limit) RoundTrip(req *http.Request) (*http.Response, error) {
	places := l.peers.of(req).places
	if err := places.acquire(req.Context()); err != nil {
		return nil, err
	}
	defer places.release()
	if d := places.held(time.Now()); d > 0 {
		if err := l.wait(req.Context(), d); err != nil {
			return nil, err
		}
	}
	resp, err := l.next.RoundTrip(req)
	if err == nil {
		places.heed(resp.StatusCode)
	}
	if err == nil && resp.StatusCode == http.StatusTooManyRequests {
		places.hold(retryAfter(resp, time.Now()), time.Now())
	}
	return resp, err
}
