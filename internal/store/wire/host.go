package wire

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// scheme of the authentication a host asks for.
type scheme int

const (
	unknown scheme = iota
	open
	basic
	bearer
)

// host is what is known about one registry.
type host struct {
	name  string
	opts  Options
	creds Credentials

	spoken  decision
	named   atomic.Bool   // as a registry, not only as a mirror
	finding chan struct{} // held by who finds the scheme out
	looking chan struct{} // held by who looks the credential up
	found   *found

	mu     sync.Mutex
	plan   plan
	auth   scheme
	asked  *transport.Challenge
	exact  bool
	tokens map[string]*grant
	probe  chan struct{}

	realmOnce sync.Once
}

// found is what looking for a credential came to.
type found struct {
	key authn.AuthConfig
	err error
}

func newHost(name string, o Options) *host {
	return &host{
		name:    name,
		opts:    o,
		creds:   o.Credentials,
		looking: make(chan struct{}, 1),
		finding: make(chan struct{}, 1),
		tokens:  map[string]*grant{},
	}
}

func (h *host) expect(repository string, write bool) {
	h.named.Store(true)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.plan.add(repository, write)
}

func (h *host) expectMirror(repository string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.plan.add(repository, false)
}

// settings are those of the host; what is planned does not change any more
// when the first request asks.
func (h *host) settings() Host { return h.opts.host(h.name, h.named.Load()) }

func (h *host) plainHTTP() bool { return h.settings().PlainHTTP }

// credential looks the registry's credential up, once. A look-up that its
// caller gave up says nothing to the next one, who looks again.
func (h *host) credential(ctx context.Context) (authn.AuthConfig, error) {
	if h.creds == nil {
		return authn.AuthConfig{}, nil
	}
	select {
	case h.looking <- struct{}{}:
		defer func() { <-h.looking }()
	case <-ctx.Done():
		return authn.AuthConfig{}, context.Cause(ctx)
	}
	if h.found != nil {
		return h.found.key, h.found.err
	}
	key, err := h.creds.Credential(ctx, h.name)
	if err == nil || ctx.Err() == nil {
		h.found = &found{key, err}
	}
	return key, err
}

// isLoopback reports whether a host[:port] names this machine, by literal
// address or as localhost. Other names are never resolved to find out.
func isLoopback(hostport string) bool {
	name := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		name = h
	}
	name = strings.Trim(name, "[]")
	if name == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.Unmap().IsLoopback()
}
