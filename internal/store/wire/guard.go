package wire

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"sync/atomic"
	"syscall"
)

// guard keeps servers from sending us to addresses that only we can reach: a
// host that was not announced may resolve to a private, loopback or link-local
// address only where a registry of this run is at one itself (decision 20).
// It looks at the address that is dialled, so that no name gets round it.
type guard struct {
	announced func(host string) bool
	// inside is set once an announced registry was found at such an address.
	inside atomic.Bool
}

// mark tells the dialler below whether a request goes to a stranger. A request
// that takes a proxy dials the proxy.
func (g *guard) mark(req *http.Request, proxied bool) *http.Request {
	if proxied || g.announced(req.URL.Host) {
		return req
	}
	return req.WithContext(strangerDial.on(req.Context()))
}

// control is called with each address before it is connected to.
func (g *guard) control(ctx context.Context, _, address string, _ syscall.RawConn) error {
	addr, err := netip.ParseAddrPort(address)
	if err != nil || !isInside(addr.Addr()) {
		return nil
	}
	if ctx.Value(strangerDial) == nil {
		g.inside.Store(true)
		return nil
	}
	if g.inside.Load() {
		return nil
	}
	return &InsideError{Address: addr.Addr().String()}
}

// InsideError says that a server tried to send us to an address of the inner
// network.
type InsideError struct{ Address string }

func (e *InsideError) Error() string {
	return fmt.Sprintf("refusing to connect to %s: a server led there, and it is not a public address", e.Address)
}

// isInside reports whether an address is not one of the public internet.
func isInside(a netip.Addr) bool {
	a = a.Unmap()
	if embedded, ok := nat64(a); ok {
		a = embedded
	}
	return !a.IsGlobalUnicast() || a.IsPrivate() || carrierGrade().Contains(a) || a.IsUnspecified()
}

// carrierGrade is the shared address space of RFC 6598.
func carrierGrade() netip.Prefix { return netip.MustParsePrefix("100.64.0.0/10") }

// nat64 takes the IPv4 address out of one of RFC 6052's well-known prefix.
func nat64(a netip.Addr) (netip.Addr, bool) {
	if !netip.MustParsePrefix("64:ff9b::/96").Contains(a) {
		return a, false
	}
	b := a.As16()
	return netip.AddrFrom4([4]byte(b[12:])), true
}
