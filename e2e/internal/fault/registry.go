//go:build e2e

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

// The secrets of the runs with faults: none of them may be seen anywhere.
const (
	canaryPassword = "canary-password-5c7be1"
	canaryToken    = "canary-token-90d2aa"
)

// faultyRegistry is a registry that wants a login, and that does to some requests what
// a mishap says instead of answering them.
type Registry struct {
	Backend http.Handler
	// Pick returns what happens to a request, nil where it is answered. It is
	// called for requests of every kind, one after the other.
	Pick func(kind string, r *http.Request) Handler
	// Cert makes the registry speak TLS, with HTTP/2.
	Cert *tls.Certificate
	// SingleUse ends every connection after one answer: net/http sends a request
	// again by itself when a connection that was used before breaks.
	SingleUse bool
	// Storage is where redirects lead to, HOST:PORT.
	Storage string

	Host   string
	mu     sync.Mutex
	seen   map[string]int
	server *http.Server
	down   bool
}

// Open starts the registry on a free port; it ends with the test.
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

// Stop ends the server: all connections break and new ones are refused.
func (p *Registry) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = true
	_ = p.server.Close()
}

// Restart starts the server again where it has failed.
func (p *Registry) Restart() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.down {
		return
	}
	if listener, err := net.Listen("tcp", p.Host); err == nil {
		p.down = false
		p.serve(listener)
	}
}

// ClearFaults ends the faults: from now on the registry answers each request.
func (p *Registry) ClearFaults() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Pick = nil
}

// ServeHTTP lets the mishap of a request happen, or answers it.
func (p *Registry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind := requestKind(r)
	p.mu.Lock()
	p.seen[kind]++
	var happens Handler
	if p.Pick != nil {
		happens = p.Pick(kind, r)
	}
	p.mu.Unlock()
	if p.SingleUse {
		w.Header().Set("Connection", "close")
	}
	if happens != nil {
		happens(p, w, r)
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

// Answer is what the registry says when nothing goes wrong.
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

// challenge asks for a token of this very host.
func (p *Registry) challenge(w http.ResponseWriter) {
	scheme := "http"
	if p.Cert != nil {
		scheme = "https"
	}
	w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="%s://%s/token",service="rough"`, scheme, p.Host))
	WriteError(w, http.StatusUnauthorized)
}

// requestKind sorts a request. One that carries no login yet is the opening of a
// run, whatever it asks for: the product sends no ping.
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
