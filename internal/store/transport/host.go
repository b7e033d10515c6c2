package transport

import (
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
)

// authScheme is the authentication scheme that a host requires.
type authScheme int

const (
	unknownAuth authScheme = iota
	noAuth
	basicAuth
	bearerAuth
)

// hostState is what is known about one registry.
type hostState struct {
	name  string
	opts  Options
	creds Credentials

	schemeState schemeState
	named       atomic.Bool   // as a registry, not only as a mirror
	finding     chan struct{} // held while the scheme is found out

	mu        sync.Mutex
	accounts  map[string]*account // by namespace
	anonymous *account            // without a credential, made when it is needed

	realmOnce sync.Once
}

func newHost(name string, o Options) *hostState {
	return &hostState{
		name:     name,
		opts:     o,
		creds:    o.Credentials,
		finding:  make(chan struct{}, 1),
		accounts: map[string]*account{},
	}
}

// settings are those of the host; all hosts are announced before the first request.
func (h *hostState) settings() HostConfig { return h.opts.host(h.name, h.named.Load()) }

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
