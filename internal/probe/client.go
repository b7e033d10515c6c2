package probe

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"manifest-tool/internal/store/transport"
)

const (
	// maxBody is how much of a response is read, in bytes: more than any manifest of
	// a check.
	maxBody = 8 << 20
	// maxExcerpt is how much of a response a report shows, in bytes.
	maxExcerpt = 400
	// maxRedacted is how much of it is redacted before, which includes whole tokens.
	maxRedacted = 64 << 10
	// maxThrottled is how often a request is repeated that the registry throttles, and
	// longestPause how long it waits at most.
	maxThrottled = 3
	longestPause = 5 * time.Second
)

// request is a request of a check.
type request struct {
	method string
	// url is absolute, or a path below https://HOST; the transport chooses the scheme.
	url    string
	header map[string]string
	body   []byte
	// anonymous sends no credentials; unfollowed returns a redirect as the response.
	anonymous, unfollowed bool
	// repository is set for a request whose path does not name the repository.
	repository string
}

// client sends requests to the registry and records them.
type client struct {
	host      string
	transport http.RoundTripper
	// redact removes secrets from text.
	redact func(string) string
	sent   int
	// isPlain is set if the registry responded without TLS, for the URLs of exchanges.
	isPlain bool
	// throttled are the Retry-After headers of the responses with 429, "" without one.
	throttled []string
	// isBlocked is set after a request that was throttled to the end: those after it are
	// not repeated, until one has another response.
	isBlocked bool
	// tokens are the exchanges with token servers.
	tokens tokenLog
	// exchanges are those of the running check.
	exchanges []Exchange
}

// do sends a request and reads its response. The error is that of the network.
func (c *client) do(ctx context.Context, q request) (response, error) {
	for n := 0; ; n++ {
		resp, err := c.once(ctx, q)
		if err != nil || resp.status != http.StatusTooManyRequests {
			c.isBlocked = c.isBlocked && err != nil
			return resp, err
		}
		c.throttled = append(c.throttled, resp.header.Get("Retry-After"))
		if n == maxThrottled || c.isBlocked {
			c.isBlocked = true
			return resp, nil
		}
		if err := transport.Sleep(ctx, retryAfter(resp.header)); err != nil {
			return resp, err
		}
	}
}

func (c *client) once(ctx context.Context, q request) (response, error) {
	options := []transport.CallOption{transport.NotRepeated, transport.AsSent, transport.OnToken(c.tokens.add)}
	if q.anonymous {
		options = append(options, transport.Anonymous)
	}
	if q.repository != "" {
		options = append(options, transport.InRepository(q.repository))
	}
	at := q.url
	if strings.HasPrefix(at, "/") {
		at = "https://" + c.host + at
	}
	req, err := http.NewRequestWithContext(ctx, q.method, at, bytes.NewReader(q.body))
	if err != nil {
		return response{}, err
	}
	if !strings.EqualFold(req.URL.Host, c.host) {
		// The registry chose the address.
		options = append(options, transport.Anonymous, transport.Referrer(c.host))
	}
	req = req.WithContext(transport.With(ctx, options...))
	for k, v := range q.header {
		req.Header.Set(k, v)
	}
	before := c.tokens.count()
	c.sent++
	resp, err := c.send(req, q) //nolint:contextcheck // the context of the request is that of ctx
	c.recordTokens(&c.tokens, before)
	if err == nil && len(resp.redirects) == 0 && strings.EqualFold(req.URL.Host, c.host) {
		c.isPlain = resp.tls == nil
	}
	c.record(q, req, resp, err)
	return resp, err
}

func (c *client) send(req *http.Request, q request) (response, error) {
	plain := http.Client{Transport: c.transport}
	if q.unfollowed {
		plain.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	resp, err := plain.Do(req)
	if err != nil {
		return response{}, unwrapURL(err)
	}
	defer resp.Body.Close()
	out := response{status: resp.StatusCode, header: resp.Header, url: resp.Request.URL, proto: resp.Proto, tls: resp.TLS, login: transport.LoginStateOfResponse(resp)}
	for r := resp.Request.Response; r != nil && r.Request != nil; r = r.Request.Response {
		out.redirects = slices.Insert(out.redirects, 0, r.Request.URL)
	}
	out.body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if !strings.Contains(req.URL.Path, "/blobs/") {
		out.body = unpack(resp.Header, out.body)
	}
	if out.status >= http.StatusBadRequest { // before it is shortened, perhaps in a secret
		out.body = []byte(c.redact(string(out.body)))
	}
	return out, err
}

// unwrapURL removes net/http's frame, which repeats method and URL.
func unwrapURL(err error) error {
	var framed *url.Error
	if errors.As(err, &framed) {
		return framed.Err
	}
	return err
}

// record adds an exchange to those of the running check.
func (c *client) record(q request, req *http.Request, resp response, err error) {
	at := *req.URL
	if c.isPlain && strings.HasPrefix(q.url, "/") {
		at.Scheme = "http"
	}
	e := Exchange{Method: q.method, URL: transport.RedactURL(&at), RequestHeaders: withoutCredentials(q.header), RequestBytes: len(q.body), Status: resp.status}
	if err != nil {
		e.Error = c.redact(err.Error())
	}
	for _, name := range shownHeaders() {
		if v := resp.header.Values(name); len(v) > 0 {
			if e.Headers == nil {
				e.Headers = map[string]string{}
			}
			e.Headers[name] = c.redact(strings.Join(v, ", "))
		}
	}
	e.Body = excerpt([]byte(c.redact(string(resp.body[:min(len(resp.body), maxRedacted)]))))
	c.exchanges = append(c.exchanges, e)
}

// shownHeaders are the response headers that a report shows.
func shownHeaders() []string {
	return []string{
		"Www-Authenticate", "Content-Type", "Content-Length", "Content-Encoding", "Content-Range", "Docker-Content-Digest",
		"Docker-Distribution-Api-Version", "Location", "Range", "Docker-Upload-Uuid", "Oci-Chunk-Min-Length", "Link", "Etag",
		"Cache-Control", "Oci-Subject", "Oci-Tag", "Oci-Filters-Applied", "Ratelimit-Limit", "Ratelimit-Remaining",
		"Retry-After", "Allow", "Server", "Warning",
	}
}

// excerpt returns the beginning of a body that is text.
func excerpt(body []byte) string {
	if len(body) > maxExcerpt {
		body = body[:maxExcerpt]
		for len(body) > 0 && !utf8.Valid(body) && len(body) > maxExcerpt-utf8.UTFMax {
			body = body[:len(body)-1]
		}
	}
	if !utf8.Valid(body) || bytes.IndexByte(body, 0) >= 0 {
		return ""
	}
	return string(body)
}

// retryAfter returns how long to wait after a response with 429.
func retryAfter(h http.Header) time.Duration {
	return min(max(transport.RetryAfter(h, time.Now()), time.Second), longestPause)
}
