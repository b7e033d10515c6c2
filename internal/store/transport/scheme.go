package transport

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
)

// schemeState is the scheme of a host, "" until it has responded.
type schemeState struct{ scheme atomic.Value }

func (d *schemeState) get() string {
	s, _ := d.scheme.Load().(string)
	return s
}

func (d *schemeState) set(scheme string) { d.scheme.Store(scheme) }

// schemeTransport chooses between http and https. https is the rule; plain http is
// for loopback hosts and for those that the user configured, and a loopback host that
// uses TLS gets https from then on (decision 18): trying TLS after a broken plain
// connection does not lead to another host. The URL of a token server keeps its
// scheme: a password meant for https is not sent in clear.
type schemeTransport struct {
	next http.RoundTripper
	host func(string) *hostState
}

func (a *schemeTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	h := a.host(req.URL.Host)
	if h == nil || callOf(req.Context()).token {
		return a.next.RoundTrip(req)
	}
	if scheme := h.scheme(); scheme != "" {
		return a.send(req, scheme)
	}
	// One request finds out, the others wait: with a TLS server, each request of a
	// first wave in plain http would cost a connection.
	select {
	case h.finding <- struct{}{}:
	case <-req.Context().Done():
		return nil, context.Cause(req.Context())
	}
	if scheme := h.scheme(); scheme != "" {
		<-h.finding // the waiting requests continue in parallel
		return a.send(req, scheme)
	}
	defer func() { <-h.finding }()
	if h.fallsBack() {
		return a.tryHTTPS(h, req)
	}
	resp, err := a.send(req, "http")
	if (speaksTLS(resp, err) || h.isPortClosed(err)) && canRewind(req) {
		return a.retryTLS(h, req, resp, err)
	}
	if err == nil {
		h.schemeState.set("http")
	}
	return resp, err
}

// retryTLS repeats a request over https after the given response in plain http. A
// broken connection looks the same as one closed by a TLS server: https is recorded
// only after a TLS handshake.
func (a *schemeTransport) retryTLS(h *hostState, req *http.Request, resp *http.Response, plain error) (*http.Response, error) {
	Discard(resp)
	again, err := rewind(req)
	if err != nil {
		return nil, err
	}
	secure, err := a.send(again, "https")
	var (
		certificate *tls.CertificateVerificationError
		file        *CertificateError
	)
	switch {
	case err == nil, errors.As(err, &certificate), errors.As(err, &file), isClientCertRequired(err):
		h.schemeState.set("https")
		return secure, err
	case h.isPortClosed(plain) && !errors.Is(err, syscall.ECONNREFUSED):
		return nil, err // a server listens on the https port
	case plain != nil:
		return nil, plain
	case req.Method == http.MethodHead:
		return resp, nil // the 400 may be the response to the HEAD itself
	}
	return nil, err
}

// send sends a request over a scheme; an error contains the scheme.
func (a *schemeTransport) send(req *http.Request, scheme string) (*http.Response, error) {
	resp, err := a.next.RoundTrip(withScheme(req, scheme))
	return resp, wrapSchemeError(scheme, err)
}

// schemeError is the failure of a request that may have used another scheme than that
// of its URL.
type schemeError struct {
	error
	scheme string
}

func (e *schemeError) Unwrap() error { return e.error }

// wrapSchemeError adds the scheme of a failed request, unless the error has one.
func wrapSchemeError(scheme string, err error) error {
	var noted *schemeError
	if err == nil || errors.As(err, &noted) {
		return err
	}
	return &schemeError{error: err, scheme: scheme}
}

// SchemeOf returns the scheme that a failed request used. meant is the scheme in the
// URL of net/http's errors, the result if the error has none.
func SchemeOf(err error, meant string) string {
	var wrong *schemeError
	if errors.As(err, &wrong) {
		return wrong.scheme
	}
	return meant
}

// scheme is the scheme of a host, "" for a host of this machine whose scheme is not
// known yet.
func (h *hostState) scheme() string {
	switch set := h.settings(); {
	case set.PlainHTTP:
		return "http"
	case set.HTTPFallback && !isLoopback(h.name):
	case set.HTTPS, !isLoopback(h.name):
		return "https"
	}
	return h.schemeState.get()
}

func (h *hostState) urlScheme() string {
	if h.fallsBack() {
		return cmp.Or(h.scheme(), "https")
	}
	return cmp.Or(h.scheme(), "http")
}

// isPortClosed reports whether nothing listens on port 80 of a host without a port,
// which may listen on port 443.
func (h *hostState) isPortClosed(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) && withPort(h.name, "http") != h.name
}

func withScheme(req *http.Request, scheme string) *http.Request {
	if req.URL.Scheme == scheme {
		return req
	}
	out := req.Clone(req.Context())
	out.URL.Scheme = scheme
	return out
}

// speaksTLS recognizes a TLS server's response to plain http: Go and nginx respond with
// 400 and a message, others close the connection, reset it, or send an alert, which is
// not HTTP.
func speaksTLS(resp *http.Response, err error) bool {
	if err != nil {
		return errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.ECONNRESET) ||
			errors.Is(err, syscall.EPIPE) || strings.Contains(err.Error(), "malformed HTTP")
	}
	if resp.StatusCode != http.StatusBadRequest {
		return false
	}
	if resp.Request != nil && resp.Request.Method == http.MethodHead {
		return true // it may be: the response to a HEAD has no message
	}
	head, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	resp.Body = &bodyWithPrefix{Reader: io.MultiReader(bytes.NewReader(head), resp.Body), Closer: resp.Body}
	return bytes.Contains(head, []byte("HTTP request to an HTTPS server")) ||
		bytes.Contains(head, []byte("plain HTTP request was sent to HTTPS port"))
}

type bodyWithPrefix struct {
	io.Reader
	io.Closer
}
