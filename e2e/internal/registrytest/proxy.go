//go:build e2e

package registrytest

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

// Interceptor responds to a request in place of the registry and returns true,
// or returns false to have the registry respond.
type Interceptor func(w http.ResponseWriter, r *http.Request) bool

// BehindProxy starts a recording proxy in front of an open registry. It returns
// the registry as clients of the proxy see it, and the record; requests of the
// receiver are not recorded.
func (g *Registry) BehindProxy(t *testing.T, intercept Interceptor) (*Registry, *Recorder) {
	t.Helper()
	listener := Listen(t)
	seen := serveProxy(t, listener, g.Scheme+"://"+g.Host, g.Client.Transport, intercept)
	proxied := *g
	proxied.Host, proxied.Scheme = listener.Addr().String(), "http"
	return &proxied, seen
}

// Listen listens on a free port of 127.0.0.1.
func Listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	clitest.Must(t, err)
	return listener
}

// ClosedPort returns an address of 127.0.0.1 at which nothing listens: that of the client
// of a connection, which stays open until the test ends so that no server gets its port.
func ClosedPort(t *testing.T) string {
	t.Helper()
	listener := Listen(t)
	t.Cleanup(func() { _ = listener.Close() })
	conn, err := net.Dial("tcp", listener.Addr().String())
	clitest.Must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn.LocalAddr().String()
}

// serveProxy passes the requests of the listener on to the registry at the URL
// target, until the test ends. The Host header stays the client's, so that the
// registry's Location headers lead through the proxy.
func serveProxy(t *testing.T, listener net.Listener, target string, transport http.RoundTripper, intercept Interceptor) *Recorder {
	t.Helper()
	seen := &Recorder{}
	server := &http.Server{Handler: seen.wrap(newReverseProxy(t, target, transport), intercept), ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(listener) }() // ends with Close below
	t.Cleanup(func() { _ = server.Close() })
	return seen
}

// newReverseProxy returns a proxy to the registry at the URL target.
func newReverseProxy(t *testing.T, target string, transport http.RoundTripper) *httputil.ReverseProxy {
	t.Helper()
	to, err := url.Parse(target)
	clitest.Must(t, err)
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
			if r.In.TLS != nil { // for the Location headers again
				r.Out.Header.Set("X-Forwarded-Proto", "https")
			}
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
		ErrorLog:     log.New(io.Discard, "", 0), // clients that go away are part of the tests
	}
}

// wrap returns a handler that records the requests to next. The interceptor may
// be nil.
func (s *Recorder) wrap(next http.Handler, intercept Interceptor) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &statusWriter{ResponseWriter: w, record: s.add(r)}
		if intercept == nil || !intercept(answer, r) {
			next.ServeHTTP(answer, r)
		}
	})
}

// statusWriter records the status of a response before the client gets it, so
// that the record is complete when the client has ended.
type statusWriter struct {
	http.ResponseWriter
	record   func(status int)
	recorded bool
}

// WriteHeader records the status and sends it.
func (w *statusWriter) WriteHeader(status int) {
	w.recorded = true
	w.record(status)
	w.ResponseWriter.WriteHeader(status)
}

// Write records the status of a response that sets none.
func (w *statusWriter) Write(p []byte) (int, error) {
	if !w.recorded {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap gives http.ResponseController access to the writer's other methods.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
