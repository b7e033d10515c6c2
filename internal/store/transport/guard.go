package transport

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
)

// guard keeps servers from sending us to addresses that only we can reach: a
// host that was not announced may resolve to a private, loopback or link-local
// address only where a registry of this run is at one itself (decision 20).
// It looks at the address that is dialled, so that no name gets round it.
type guard struct {
	announced func(host string) bool
	// inside is set once an announced registry was found at such an address,
	// mirrored once a mirror was: it opens the way for what mirrors lead to.
	inside, mirrored atomic.Bool
}

// insideFlag is where it is noted that a registry, or a mirror, is inside.
func (g *guard) insideFlag(ctx context.Context) *atomic.Bool {
	if callOf(ctx).mirror {
		return &g.mirrored
	}
	return &g.inside
}

// markUnknownHost tells the dialler below whether a request goes to a stranger. A request
// that takes a proxy dials the proxy.
func (g *guard) markUnknownHost(req *http.Request, proxied bool) *http.Request {
	if proxied || g.announced(req.URL.Host) {
		return req
	}
	return req.WithContext(With(req.Context(), toUnknownHost))
}

// control is called with each address before it is connected to.
func (g *guard) control(ctx context.Context, _, address string, _ syscall.RawConn) error {
	// A zone may stand behind an IPv4 address too, where netip has no place for
	// one; an address that cannot be read is not let through.
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
	if g.insideFlag(ctx).Load() {
		return nil
	}
	return &PrivateAddressError{Address: name}
}

// PrivateAddressError says that a server tried to send us to an address of the inner
// network.
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

// specialPurpose are blocks without public hosts beside those that netip tells
// itself. Source: the IANA special-purpose address registries.
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
