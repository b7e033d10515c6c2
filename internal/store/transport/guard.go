package transport

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
)

// guard keeps servers from leading us to addresses that only we can reach: a host that
// was not announced may resolve to a private, loopback or link-local address only if
// a registry of this run has one itself (decision 20). It checks the address that is
// dialled, so that no DNS name circumvents it.
type guard struct {
	announced func(host string) bool
	// inside is set once an announced registry has such an address, mirrored once
	// a mirror has: it allows the addresses that mirrors lead to.
	inside, mirrored atomic.Bool
	// public is set for a network of NewPublicNetwork: only the hosts that announced
	// accepts may have such an address.
	public bool
}

// proxy returns the proxy of the environment for a request. A public network has
// none: it would connect where the guard refuses to.
func (g *guard) proxy(req *http.Request) (*url.URL, error) {
	if g.public {
		return nil, nil //nolint:nilnil // as http.Transport.Proxy
	}
	return http.ProxyFromEnvironment(req)
}

// insideFlag is the flag for a registry or a mirror with a private address.
func (g *guard) insideFlag(ctx context.Context) *atomic.Bool {
	if callOf(ctx).mirror {
		return &g.mirrored
	}
	return &g.inside
}

// markUnknownHost marks a request to a host that was not announced, for control. A
// request through a proxy dials the proxy.
func (g *guard) markUnknownHost(req *http.Request, proxied bool) *http.Request {
	if proxied || g.announced(req.URL.Host) {
		return req
	}
	return req.WithContext(With(req.Context(), toUnknownHost))
}

// control is called with each address before it is connected to.
func (g *guard) control(ctx context.Context, _, address string, _ syscall.RawConn) error {
	// An IPv4 address may have a zone too, which netip does not parse; an address
	// that cannot be parsed is refused.
	name, _, _ := net.SplitHostPort(address)
	name, _, _ = strings.Cut(name, "%")
	addr, err := netip.ParseAddr(name)
	if err == nil && !isPrivateAddress(addr) {
		return nil
	}
	if !callOf(ctx).unknownHost {
		g.insideFlag(ctx).Store(true)
		return nil
	}
	if !g.public && g.insideFlag(ctx).Load() {
		return nil
	}
	return &PrivateAddressError{Address: name}
}

// PrivateAddressError reports that a server led to a private address.
type PrivateAddressError struct{ Address string }

func (e *PrivateAddressError) Error() string {
	return fmt.Sprintf("refusing to connect to %s: a server led there, and it is not a public address", e.Address)
}

// isPrivateAddress reports whether an address is not one of the public internet. A
// zone changes nothing: it names an interface of this machine.
func isPrivateAddress(a netip.Addr) bool {
	a = embeddedIPv4(a.WithZone("").Unmap())
	return !a.IsGlobalUnicast() || a.IsPrivate() ||
		slices.ContainsFunc(specialPurpose(), func(p netip.Prefix) bool { return p.Contains(a) })
}

// specialPurpose returns blocks without public hosts that netip does not recognize.
// Source: the IANA special-purpose address registries.
func specialPurpose() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"),      // this network, RFC 791
		netip.MustParsePrefix("100.64.0.0/10"),  // carrier-grade NAT, RFC 6598
		netip.MustParsePrefix("192.0.0.0/24"),   // protocol assignments, RFC 6890
		netip.MustParsePrefix("198.18.0.0/15"),  // benchmarks, RFC 2544
		netip.MustParsePrefix("240.0.0.0/4"),    // reserved, RFC 1112
		netip.MustParsePrefix("64:ff9b:1::/48"), // local NAT64, RFC 8215
		netip.MustParsePrefix("100::/64"),       // discard, RFC 6666
		netip.MustParsePrefix("fec0::/10"),      // site-local, RFC 3879
	}
}

// embeddedIPv4 takes the IPv4 address out of an IPv6 address that carries one for
// a translator or a tunnel: NAT64's well-known prefix (RFC 6052), 6to4
// (RFC 3056) and the IPv4-compatible form (RFC 4291, section 2.5.5.1).
func embeddedIPv4(a netip.Addr) netip.Addr {
	if !a.Is6() {
		return a
	}
	b := a.As16()
	switch {
	case netip.MustParsePrefix("64:ff9b::/96").Contains(a), netip.MustParsePrefix("::/96").Contains(a):
		return netip.AddrFrom4([4]byte(b[12:]))
	case netip.MustParsePrefix("2002::/16").Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return a
}
