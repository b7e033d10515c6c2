package transport

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Event describes one request that was sent, without secrets: no headers, and of the
// query only the names of its parameters.
type Event struct {
	Method string
	// URL is scheme, host and path; query values are left out.
	URL string
	// Status is the HTTP status, 0 without a response.
	Status int
	// Err is set if there was no response.
	Err error
	// Bytes is the Content-Length of the response, -1 if it is unknown.
	Bytes int64
	Start time.Time
	Took  time.Duration
	// RateLimit is what the response says of the pulls that are left; nil if nothing.
	RateLimit *RateLimit
}

// observer is the stage before the network: requests that pass it were sent.
type observer struct {
	next      http.RoundTripper
	onEvent   func(Event)
	userAgent string
}

func (o *observer) RoundTrip(req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	if o.userAgent != "" {
		out.Header.Set("User-Agent", o.userAgent)
	}
	start := time.Now()
	resp, err := o.next.RoundTrip(out)
	if o.onEvent != nil && !errors.Is(err, errUseSharedConn) {
		o.onEvent(newEvent(req, resp, err, start))
	}
	return resp, err
}

func newEvent(req *http.Request, resp *http.Response, err error, start time.Time) Event {
	e := Event{Method: req.Method, URL: RedactURL(req.URL), Err: err, Bytes: -1, Start: start, Took: time.Since(start)}
	if resp != nil {
		e.Status, e.Bytes, e.RateLimit = resp.StatusCode, resp.ContentLength, rateLimitOf(resp.Header)
		if req.Method == http.MethodHead {
			e.Bytes = 0 // the length is that of the response to a GET
		}
	}
	return e
}

// RedactURL returns a URL without secrets (presigned queries, upload states): only the
// parameters of isPublic keep their values.
func RedactURL(u *url.URL) string {
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	query := url.Values{}
	for key, values := range u.Query() {
		if isPublic(key) {
			query[key] = values
		} else {
			query[key] = []string{"REDACTED"}
		}
	}
	shown.RawQuery = query.Encode()
	return shown.String()
}

// isPublic reports whether a query parameter of registries and token servers is not a
// secret.
func isPublic(key string) bool {
	switch key {
	case "mount", "from", "digest", "scope", "service", "n", "last", "tag":
		return true
	}
	return false
}

// Stats adds up the requests of a run. Its zero value is ready; Add may be
// called from many goroutines.
type Stats struct {
	mu     sync.Mutex
	events []Event
}

// Add records one request that was sent.
func (t *Stats) Add(e Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events = append(t.events, e)
}

// Totals are the totals of a run.
type Totals struct {
	// Requests is the number of requests that were sent, including repeated ones.
	Requests int
	// Bytes is the sum of the known sizes of the responses.
	Bytes int64
	// LongestChain is the length of the longest chain of requests of which each
	// started after the response to the one before: the number of consecutive
	// round trips.
	LongestChain int
}

// Sum returns the totals of the requests so far.
func (t *Stats) Sum() Totals {
	t.mu.Lock()
	events := slices.Clone(t.events)
	t.mu.Unlock()
	sum := Totals{Requests: len(events), LongestChain: longestChain(events)}
	for _, e := range events {
		sum.Bytes += max(0, e.Bytes)
	}
	return sum
}

// longestChain processes the starts and ends of the requests in chronological order. A
// request that starts extends the longest chain that has ended by then.
func longestChain(events []Event) int {
	type moment struct {
		at    time.Time
		of    int
		begin bool
	}
	var moments []moment
	for i, e := range events {
		moments = append(moments, moment{e.Start, i, true}, moment{e.Start.Add(e.Took), i, false})
	}
	slices.SortStableFunc(moments, func(a, b moment) int { return a.at.Compare(b.at) })
	lengths, ended, longest := make([]int, len(events)), 0, 0
	for _, m := range moments {
		if m.begin {
			lengths[m.of] = ended + 1
			longest = max(longest, lengths[m.of])
		} else {
			ended = max(ended, lengths[m.of])
		}
	}
	return longest
}
