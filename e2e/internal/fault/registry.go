//go:build e2e

// Package fault is for end to end tests in which something fails: registries that
// respond with faults, runs of the product within the test process, and a harness
// that kills the binary at its nth request.
package fault

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"manifest-tool/e2e/internal/registrytest"
)

// The secrets of the runs with faults. No output may contain them.
const (
	canaryPassword = "canary-password-5c7be1"
	canaryToken    = "canary-token-90d2aa"
)

// Registry is a registry that requires a login, and that responds to some
// requests with a fault.
type Registry struct {
	Backend http.Handler
	// Pick returns the fault of a request, nil for none. It is called for each
	// request, one after the other.
	Pick func(kind string, r *http.Request) Handler
	// Cert makes the registry use TLS, with HTTP/2.
	Cert *tls.Certificate
	// SingleUse ends each connection after one response. net/http sends a request
	// again by itself when a connection that was used before breaks.
	SingleUse bool
	// Storage is where redirects lead to, HOST:PORT.
	Storage string

	Host    string
	mu      sync.Mutex
	seen    map[string]int
	server  *http.Server
	stopped bool
}

// Open starts the registry on a free port, until the test ends.
func (p *Registry) Open(t *testing.T) *Registry {
	t.Helper()
	p.seen = map[string]int{}
	listener := registrytest.Listen(t)
	p.Host = listener.Addr().String()
	p.serve(listener)
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		_ = p.server.Close()
	})
	return p
}

func (p *Registry) serve(listener net.Listener) {
	p.server = &http.Server{Handler: p, ErrorLog: log.New(io.Discard, "", 0)}
	if p.Cert == nil {
		go func() { _ = p.server.Serve(listener) }() // ends with Close
		return
	}
	p.server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*p.Cert}, MinVersion: tls.VersionTLS12}
	go func() { _ = p.server.ServeTLS(listener, "", "") }()
}

// stop ends the server: all connections break and new ones are refused.
func (p *Registry) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	_ = p.server.Close()
}

// Restart starts the server again if a fault has stopped it.
func (p *Registry) Restart() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stopped {
		return
	}
	if listener, err := net.Listen("tcp", p.Host); err == nil {
		p.stopped = false
		p.serve(listener)
	}
}

// ClearFaults ends the faults: the registry responds to each request from now
// on.
func (p *Registry) ClearFaults() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Pick = nil
}

// ServeHTTP responds to a request, or has its fault respond.
func (p *Registry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind := requestKind(r)
	p.mu.Lock()
	p.seen[kind]++
	var fault Handler
	if p.Pick != nil {
		fault = p.Pick(kind, r)
	}
	p.mu.Unlock()
	if p.SingleUse {
		w.Header().Set("Connection", "close")
	}
	if fault != nil {
		fault(p, w, r)
		return
	}
	p.Answer(w, r)
}

// Count returns how many requests of a kind came.
func (p *Registry) Count(kind string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen[kind]
}

// Answer sends the response of a registry without faults.
func (p *Registry) Answer(w http.ResponseWriter, r *http.Request) {
	_, password, _ := r.BasicAuth()
	switch {
	case r.URL.Path == "/token" && password == canaryPassword:
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"token":%q,"expires_in":300}`, canaryToken)
	case r.URL.Path == "/token" || r.Header.Get("Authorization") != "Bearer "+canaryToken:
		p.challenge(w)
	default:
		r.Header.Del("Authorization")
		p.Backend.ServeHTTP(w, r)
	}
}

// challenge requests a token of this host.
func (p *Registry) challenge(w http.ResponseWriter) {
	scheme := "http"
	if p.Cert != nil {
		scheme = "https"
	}
	w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="%s://%s/token",service="e2e"`, scheme, p.Host))
	WriteError(w, http.StatusUnauthorized)
}

// requestKind returns the kind of a request. The first request of a run, which
// has no credentials yet, is of the kind opening: the product sends no ping.
func requestKind(r *http.Request) string {
	_, kind, _ := registrytest.SplitPath(r.URL.Path)
	switch {
	case kind == "token" || kind == "ping":
		return kind
	case r.Header.Get("Authorization") == "":
		return "opening"
	case kind == "upload":
		return strings.ToLower(r.Method) + " upload"
	}
	return strings.ToLower(r.Method) + " " + kind
}
