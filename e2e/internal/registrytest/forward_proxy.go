//go:build e2e

package registrytest

import (
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
)

// PublicName is a registry that is not a loopback host to the product.
const PublicName = "registry.example.com"

// ForwardProxy is the HTTP proxy of a user's network. It connects the names in
// Routes to hosts of the test, and records the requests that come in plain
// HTTP: anyone on the network could read those.
type ForwardProxy struct {
	Host   string
	Routes map[string]string // HOST:PORT as requested, to the address to connect to

	mu       sync.Mutex
	connects []string
	Plain    []string // METHOD URL
}

// StartForwardProxy starts a proxy that connects PublicName, port 443, to the
// host to.
func StartForwardProxy(t *testing.T, to string) *ForwardProxy {
	t.Helper()
	listener := Listen(t)
	p := &ForwardProxy{Host: listener.Addr().String(), Routes: map[string]string{PublicName + ":443": to}}
	server := &http.Server{Handler: p}
	go func() { _ = server.Serve(listener) }() // ends with Close below
	t.Cleanup(func() { _ = server.Close() })
	return p
}

// Env returns the variables that make a process use the proxy for all but
// loopback hosts.
func (p *ForwardProxy) Env() []string {
	return []string{"HTTP_PROXY=http://" + p.Host, "HTTPS_PROXY=http://" + p.Host}
}

// ServeHTTP connects the client, or responds 200 to plain HTTP as a registry
// without authentication would.
func (p *ForwardProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	to, known := p.Routes[r.Host]
	if r.Method == http.MethodConnect {
		p.connects = append(p.connects, r.Host)
	} else {
		p.Plain = append(p.Plain, r.Method+" "+r.URL.String())
	}
	p.mu.Unlock()
	switch {
	case r.Method != http.MethodConnect:
		w.WriteHeader(http.StatusOK)
	case !known:
		w.WriteHeader(http.StatusBadGateway)
	default:
		splice(w, to)
	}
}

// splice copies between the client's connection and one to a host until either
// ends.
func splice(w http.ResponseWriter, to string) {
	server, err := net.Dial("tcp", to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer server.Close()
	w.WriteHeader(http.StatusOK)
	client, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close() // ends the copying below
	}()
	_, _ = io.Copy(client, server)
}

// Connections returns how many connections were requested.
func (p *ForwardProxy) Connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.connects)
}

// WantNoPlainHTTP fails the test if a request came in plain HTTP.
func (p *ForwardProxy) WantNoPlainHTTP(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range p.Plain {
		t.Errorf("a request went out in plain HTTP: %s", line)
	}
}
