package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// How often and how long a failing request is repeated.
const (
	maxTries     = 5
	maxWait      = 60 * time.Second
	maxTotalWait = 5 * time.Minute
)

// retry repeats requests that may succeed the second time: the server is busy or limits
// the rate, or the connection broke. Refused connections, unknown hosts and invalid
// certificates are final.
type retry struct {
	next http.RoundTripper
	wait func(context.Context, time.Duration) error
	// peers holds the state of each host; it may be nil.
	peers   *peers
	service bool
}

func (r *retry) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, ticket := r.peers.issue(req.Context())
	req = req.WithContext(ctx)
	pause := newBackoff()
	var waited time.Duration
	for try := 1; ; try++ {
		ticket.refusedInPause = false
		resp, err := r.next.RoundTrip(req)
		again := isRetryable(resp, err)
		if ticket.refusedInPause { // as are all requests that were in flight
			try--
		}
		kept, down := r.peers.note(req, resp, again)
		if down || r.service || try >= maxTries || !callOf(ctx).isRepeated(resp != nil) || !again || !canRewind(req) || ctx.Err() != nil {
			return withRetryAfter(ctx, resp), err
		}
		wait := max(pause.NextBackOff(), retryAfter(resp, time.Now()))
		if waited += wait; wait > maxWait || waited > maxTotalWait {
			return withRetryAfter(ctx, resp), err
		}
		Discard(resp)
		if !kept {
			if err := r.wait(ctx, wait); err != nil {
				return nil, err
			}
		}
		if req, err = rewind(req); err != nil {
			return nil, err
		}
	}
}

// newBackoff returns the pauses between tries without Retry-After.
func newBackoff() *backoff.ExponentialBackOff {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval = 250 * time.Millisecond
	return pause
}

func isRetryable(resp *http.Response, err error) bool {
	if err != nil {
		return isConnError(err)
	}
	switch resp.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// isConnError reports whether an established connection was lost. A write while
// net/http handles the loss fails with net.ErrClosed. net/http does not export the
// last errors.
func isConnError(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		strings.Contains(err.Error(), "server closed idle connection") ||
		strings.Contains(err.Error(), "http2: server sent GOAWAY") ||
		strings.Contains(err.Error(), "http2: client connection lost") ||
		strings.Contains(err.Error(), "stream error: stream ID")
}

// retryAfter is RetryAfter of a response that may be nil.
func retryAfter(resp *http.Response, now time.Time) time.Duration {
	if resp == nil {
		return 0
	}
	return RetryAfter(resp.Header, now)
}

// RetryAfter reads the Retry-After header in both its forms, seconds and a date
// (RFC 9110, section 10.2.3); 0 if there is none.
func RetryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	// A number too large to hold is a long time, not none: ParseUint returns
	// the largest there is.
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}
