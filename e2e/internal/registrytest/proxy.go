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

// interceptor answers a request in place of the registry and returns true, or
// returns false and leaves it to the registry.
type Interceptor func(w http.ResponseWriter, r *http.Request) bool

// BehindProxy puts a recording proxy in front of an open registry. It returns the
// registry as clients of the proxy see it; the one it was called on still
// reaches the registry itself, unrecorded.
func (g *Registry) BehindProxy(t *testing.T, intercept Interceptor) (*Registry, *Recorder) {
	t.Helper()
	listener := Listen(t)
	seen := serveProxy(t, listener, g.Scheme+"://"+g.Host, g.Client.Transport, intercept)
	front := *g
	front.Host, front.Scheme = listener.Addr().String(), "http"
	return &front, seen
}

// listen opens a free port of 127.0.0.1.
func Listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	clitest.Must(t, err)
	return listener
}

// serveProxy passes what comes to the listener on to the registry at the URL
// target, until the test ends. The Host header stays the client's, so that the
// registry's Location headers lead back through the proxy.
func serveProxy(t *testing.T, listener net.Listener, target string, transport http.RoundTripper, intercept Interceptor) *Recorder {
	t.Helper()
	seen := &Recorder{}
	server := &http.Server{Handler: seen.Wrap(passTo(t, target, transport), intercept), ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(listener) }() // ends with Close below
	t.Cleanup(func() { _ = server.Close() })
	return seen
}

// passTo returns a proxy to the registry at the URL target.
func passTo(t *testing.T, target string, transport http.RoundTripper) *httputil.ReverseProxy {
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

// Wrap records what comes to a handler. The interceptor may be nil.
func (s *Recorder) Wrap(next http.Handler, intercept Interceptor) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &statusWriter{ResponseWriter: w, note: s.add(r)}
		if intercept == nil || !intercept(answer, r) {
			next.ServeHTTP(answer, r)
		}
	})
}

// statusWriter has the status of an answer noted before the client gets it, so
// that the record is whole when the client has ended.
type statusWriter struct {
	http.ResponseWriter
	note  func(status int)
	noted bool
}

// WriteHeader notes the status and sends it.
func (w *statusWriter) WriteHeader(status int) {
	w.noted = true
	w.note(status)
	w.ResponseWriter.WriteHeader(status)
}

// Write notes the status of an answer that names none.
func (w *statusWriter) Write(p []byte) (int, error) {
	if !w.noted {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets the reverse proxy find the writer's other abilities.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
