package server

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

const (
	// maxClients limits the clients whose requests are counted.
	maxClients = 50000
	// burstSeconds is how many seconds' requests a client may send at once.
	burstSeconds = 10
)

// clientLimits limits the requests of each client: a token bucket for each.
type clientLimits struct {
	rate    int
	buckets recent[netip.Addr, *rate.Limiter]
}

func newClientLimits(perSecond int) *clientLimits {
	return &clientLimits{rate: perSecond, buckets: recent[netip.Addr, *rate.Limiter]{limit: maxClients}}
}

// take takes a request out of the bucket of a client. If that is empty it returns how
// long the client has to wait.
func (l *clientLimits) take(client netip.Addr, now time.Time) time.Duration {
	if l.rate == 0 {
		return 0
	}
	bucket := l.buckets.get(network(client), func() *rate.Limiter {
		return rate.NewLimiter(rate.Limit(l.rate), l.rate*burstSeconds)
	})
	if bucket.AllowN(now, 1) {
		return 0
	}
	return time.Second
}

// network is what one client has: an IPv4 address, or a /64 of IPv6.
func network(client netip.Addr) netip.Addr {
	if !client.Is6() {
		return client
	}
	block, err := client.WithZone("").Prefix(64)
	if err != nil {
		return client
	}
	return block.Addr()
}

// clientOf returns the address of a client: the one that connected or, behind
// trusted proxies, the last one in X-Forwarded-For that is not one of them.
func clientOf(r *http.Request, trusted []netip.Prefix) netip.Addr {
	connected, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	client := connected.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(client) }) {
			break
		}
		before, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		client = before.Unmap()
	}
	return client
}
