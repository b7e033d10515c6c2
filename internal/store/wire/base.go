package wire

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"sync"
	"time"
)

// base is the network: one http.Transport per TLS setting, made when first
// used.
type base struct {
	custom       http.RoundTripper
	insecureHost func(string) bool
	jobs         int
	guard        *guard

	once             sync.Once
	warming          sync.Once
	strict, trusting *http.Transport
}

func (b *base) RoundTrip(req *http.Request) (*http.Response, error) {
	if b.custom != nil {
		return b.custom.RoundTrip(req)
	}
	b.once.Do(b.build)
	if req.URL.Scheme == "https" {
		b.warm()
	}
	proxy, err := http.ProxyFromEnvironment(req)
	req = b.guard.mark(req, proxy != nil && err == nil)
	network := b.strict
	if b.insecureHost(req.URL.Host) {
		network = b.trusting
	}
	return throughProxy(network.RoundTrip(req))
}

// warm loads the system roots, which takes milliseconds, beside the first DNS
// look-up and TCP handshake.
func (b *base) warm() {
	b.warming.Do(func() {
		go func() { _, _ = x509.SystemCertPool() }()
	})
}

func (b *base) build() {
	b.strict = newNetwork(b.jobs, b.guard)
	b.trusting = newNetwork(b.jobs, b.guard)
	b.trusting.TLSClientConfig.InsecureSkipVerify = true
}

// newNetwork returns a transport with bounded waits. The proxy settings of
// the environment hold whatever the TLS settings are.
func newNetwork(jobs int, g *guard) *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment,

		OnProxyConnectResponse: refusedByProxy,
		DialContext:            unlessExploring(streaming((&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, ControlContext: g.control}).DialContext)),
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           0,
		MaxIdleConnsPerHost:    jobs,
		// A blob streamed from a host into itself needs two.
		MaxConnsPerHost:        max(2, jobs),
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 256 << 10,
		DisableCompression:     true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
	}
}
