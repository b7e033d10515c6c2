package transport

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// transportCache is the network: one http.Transport per TLS setting, created on first
// use.
type transportCache struct {
	custom   http.RoundTripper
	settings func(host string) HostConfig
	certDirs []string
	guard    *guard

	warm        sync.Once
	mu          sync.Mutex
	transports  map[hostRoute]*hostTransport
	byTLSConfig map[string]*http.Transport // by TLS setting
}

// maxRoutes limits how many routes are remembered: those of a public network are
// named by strangers. What they share, transports with their connections, stays.
const maxRoutes = 4096

// NewPublicNetwork returns a network for a service whose clients name the registries:
// the Base of any number of Transports with these Options. It connects to public
// addresses only, whichever name, redirect or token server leads to another one,
// except at hosts, host or host:port, for which allowed returns true. It uses no proxy
// of the environment. Source: fault 95.
func NewPublicNetwork(o Options, allowed func(host string) bool) http.RoundTripper {
	return &transportCache{
		settings: func(host string) HostConfig { return o.host(host, false) }, certDirs: o.CertDirs,
		guard: &guard{announced: allowed, public: true},
	}
}

// hostRoute is a host and the registry that led to it, "" for a registry itself.
type hostRoute struct{ host, registry string }

// hostTransport is the transport of a route, or the error of creating it.
type hostTransport struct {
	once      sync.Once
	transport *http.Transport
	err       error
	certs     certRequest
}

func (b *transportCache) RoundTrip(req *http.Request) (*http.Response, error) {
	if b.custom != nil {
		return b.custom.RoundTrip(req)
	}
	if req.URL.Scheme == "https" {
		// Loading the system roots takes milliseconds: do it in parallel with the
		// first DNS look-up and TCP handshake.
		b.warm.Do(func() { go func() { _, _ = x509.SystemCertPool() }() })
	}
	n := b.line(req)
	if n.err != nil {
		return nil, n.err
	}
	proxy, err := b.guard.proxy(req)
	req = b.guard.markUnknownHost(req.WithContext(n.certs.observe(req.Context())), proxy != nil && err == nil)
	return throughProxy(n.certs.explain(n.transport.RoundTrip(req)))
}

// line returns the transport of a request. Certificate files are read once.
func (b *transportCache) line(req *http.Request) *hostTransport {
	w := hostRoute{host: req.URL.Host}
	if !b.guard.announced(w.host) {
		w.registry = referrer(req)
	}
	b.mu.Lock()
	n := b.transports[w]
	if n == nil {
		if b.transports == nil || len(b.transports) >= maxRoutes {
			b.transports = map[hostRoute]*hostTransport{}
		}
		n = &hostTransport{}
		b.transports[w] = n
	}
	b.mu.Unlock()
	n.once.Do(func() { n.transport, n.err = b.open(w) })
	return n
}

// open creates the transport of a route, or returns one with the same settings. The
// certificate of a host that a registry led to (its token server, its storage) is
// checked with the registry's CAs too; no other setting applies to it.
func (b *transportCache) open(w hostRoute) (*http.Transport, error) {
	set := b.settings(w.host)
	files, err := certificatesOf(w.host, set, b.certDirs)
	if err != nil {
		return nil, err
	}
	if w.registry != "" {
		its, err := certificatesOf(w.registry, b.settings(w.registry), b.certDirs)
		if err != nil {
			return nil, err
		}
		files.caFiles = append(files.caFiles, its.caFiles...)
	}
	jobs := cmp.Or(set.Jobs, inFlightHTTP1)
	setting := fmt.Sprintf("%t %d %q", set.Insecure, jobs, files)
	b.mu.Lock()
	defer b.mu.Unlock()
	if made := b.byTLSConfig[setting]; made != nil {
		return made, nil
	}
	if b.byTLSConfig == nil {
		b.byTLSConfig = map[string]*http.Transport{}
	}
	made := newNetwork(jobs, b.guard)
	made.TLSClientConfig.InsecureSkipVerify = set.Insecure
	if err := files.load(w.host, made.TLSClientConfig); err != nil {
		return nil, err
	}
	made.TLSClientConfig.GetClientCertificate = chooseClientCert(made.TLSClientConfig.Certificates)
	b.byTLSConfig[setting] = made
	return made, nil
}

// newNetwork returns a transport with bounded waits. The proxy settings of the
// environment apply to all TLS settings.
func newNetwork(jobs int, g *guard) *http.Transport {
	return &http.Transport{
		Proxy: g.proxy,

		OnProxyConnectResponse: refusedByProxy,
		DialContext:            refuseNewConn(withLargeBuffers((&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, ControlContext: g.control}).DialContext)),
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
