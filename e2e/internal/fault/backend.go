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

// NewBackend returns a registry as the harness reaches it and as a handler: the
// given one or, if it is nil, a new one in memory.
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

// NewCertificate returns a certificate for this machine that no client trusts.
func NewCertificate(t *testing.T) *tls.Certificate {
	t.Helper()
	certFile, keyFile := registrytest.NewAuthority(t).ServerFiles(t)
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	clitest.Must(t, err)
	return &cert
}

// newMemoryRegistry returns a registry in this process.
func newMemoryRegistry() http.Handler { return memory.New(memory.Logger(log.New(io.Discard, "", 0))) }

// newPassThrough returns a handler that passes requests on to a registry.
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

// StartStorage starts a host that serves the content of a registry to everyone,
// as the storage that redirects lead to. It returns HOST:PORT and the number of
// requests that had credentials, which are not for this host.
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
