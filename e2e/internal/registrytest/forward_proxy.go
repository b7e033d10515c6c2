//go:build e2e

package registrytest

import (
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
)

// publicName is a registry that is no loopback host to the product.
const PublicName = "registry.example.com"

// tunnel is the proxy of a user's network. It leads the names it knows to
// hosts of the test, and notes everything that comes in plain HTTP: that is
// what anybody on the way could read.
type ForwardProxy struct {
	Host   string
	Routes map[string]string // HOST:PORT as asked for, to where it is

	mu       sync.Mutex
	connects []string
	Plain    []string // METHOD URL
}

// startTunnel starts a proxy that leads https://publicName to a host.
func StartForwardProxy(t *testing.T, to string) *ForwardProxy {
	t.Helper()
	listener := Listen(t)
	p := &ForwardProxy{Host: listener.Addr().String(), Routes: map[string]string{PublicName + ":443": to}}
	server := &http.Server{Handler: p}
	go func() { _ = server.Serve(listener) }() // ends with Close below
	t.Cleanup(func() { _ = server.Close() })
	return p
}

// Env returns what makes a process use the proxy for all but loopback hosts.
func (p *ForwardProxy) Env() []string {
	return []string{"HTTP_PROXY=http://" + p.Host, "HTTPS_PROXY=http://" + p.Host}
}

// ServeHTTP connects the client, or answers plain HTTP as a registry would
// that has everything and asks for nothing.
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

// splice joins the client's connection with one to a host until one of them
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

// Connections returns how many connections were asked for.
func (p *ForwardProxy) Connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.connects)
}

// WantNoPlainHTTP fails the test when a request could be read on the way.
func (p *ForwardProxy) WantNoPlainHTTP(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range p.Plain {
		t.Errorf("a request went out in plain HTTP: %s", line)
	}
}
