package transport

import (
	"errors"
	"net/http"
	"net/url"
	"time"
)

// Event tells of one request that went out, without anything secret: no
// header, no query but the names of its parameters.
type Event struct {
	Method string
	// URL is scheme, host and path; query values are left out.
	URL string
	// Status is the HTTP status, 0 when no answer came.
	Status int
	// Err is set when no answer came.
	Err error
	// Bytes is the size of the answer as announced, -1 when unknown.
	Bytes int64
	Start time.Time
	Took  time.Duration
}

// observer is the stage next to the network: what passes here was really sent.
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
		e.Status, e.Bytes = resp.StatusCode, resp.ContentLength
		if req.Method == http.MethodHead {
			e.Bytes = 0 // the length is of what GET would bring
		}
	}
	return e
}

// RedactURL is a URL as it may be shown: presigned queries and upload states are
// secrets, so only mount and from keep their values.
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

// isPublic names the parameters of registries and token servers whose values
// are no secrets.
func isPublic(key string) bool {
	switch key {
	case "mount", "from", "digest", "scope", "service", "n", "last", "tag":
		return true
	}
	return false
}
