//go:build e2e

package fault

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"

	memory "github.com/google/go-containerregistry/pkg/registry"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// matrixBackend returns a registry as the stage reaches it and as a handler:
// a fresh one in memory, or the real one.
func NewBackend(t *testing.T, backend *registrytest.Registry) (*registrytest.Registry, http.Handler) {
	t.Helper()
	if backend != nil {
		return backend, newPassThrough(t, backend)
	}
	handler := newMemoryRegistry()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &registrytest.Registry{
		Host: server.Listener.Addr().String(), Scheme: "http",
		Client: &http.Client{}, Authorize: func(*http.Request) {},
	}, handler
}

// roughCertificate is a certificate for this machine that nobody knows.
func NewCertificate(t *testing.T) *tls.Certificate {
	t.Helper()
	certFile, keyFile := registrytest.NewAuthority(t).ServerFiles(t)
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	clitest.Must(t, err)
	return &cert
}

// memoryRegistry returns a registry of this process.
func newMemoryRegistry() http.Handler { return memory.New(memory.Logger(log.New(io.Discard, "", 0))) }

// passOn returns a handler that hands requests on to a registry. Clients that
// go away are part of the tests.
func newPassThrough(t *testing.T, g *registrytest.Registry) http.Handler {
	t.Helper()
	to, err := url.Parse(g.Scheme + "://" + g.Host)
	clitest.Must(t, err)
	transport := &http.Transport{MaxIdleConnsPerHost: 100, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetXForwarded()
			r.SetURL(to)
			r.Out.Host = r.In.Host
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:     log.New(io.Discard, "", 0),
	}
}

// storageHost serves the content of a registry to everybody, as the storage
// that redirects lead to. It counts the requests that bring a login along,
// which is not for it.
func StartStorage(t *testing.T, backend http.Handler) (host string, logins *atomic.Int64) {
	t.Helper()
	logins = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			logins.Add(1)
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), logins
}
