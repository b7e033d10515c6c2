package wire

import (
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
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

	mu       sync.Mutex
	accounts map[string]*account // by namespace

	realmOnce sync.Once
}

func newHost(name string, o Options) *host {
	return &host{
		name:     name,
		opts:     o,
		creds:    o.Credentials,
		finding:  make(chan struct{}, 1),
		accounts: map[string]*account{},
	}
}

// settings are those of the host; what is planned does not change any more
// when the first request asks.
func (h *host) settings() Host { return h.opts.host(h.name, h.named.Load()) }

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
