package transport

import "net/http"

// A server announces how many requests it accepts on a connection, but net/http
// does not expose the number; above it, net/http opens a further connection. So
// once all requests in flight have a connection, one request at a time is a probe:
// it must not open a connection. If it would have to, the number of requests in
// flight is the limit; if not, the limit is at least one higher, and the next
// probe is sent.

// lowerLimit makes the confirmed number of requests the limit. A fifth of it is
// left for responses that are being read, whose places are free and whose streams
// are not, unless that is less than every server should accept.
func (l *limiter) lowerLimit() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.max = max(min(l.confirmed, sureHTTP2), l.confirmed*4/5)
	l.cap = min(l.cap, l.max)
}

// isEmpty reports whether a request has nothing to send.
func isEmpty(req *http.Request) bool { return req.Body == nil || req.Body == http.NoBody }
