package transport

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
)

// Credentials looks up the credentials of registries.
type Credentials interface {
	// Namespace names the part of a registry whose repositories share the
	// credential of one: "" for the registry as a whole, or a path prefix that
	// has a credential of its own. It does not wait.
	Namespace(registry, repository string) string
	// Credential returns the credential of a namespace. The zero AuthConfig means
	// anonymous. It is called once per registry and namespace.
	Credential(ctx context.Context, registry, namespace string) (authn.AuthConfig, error)
}

// Options are the settings of a Transport.
type Options struct {
	// Credentials may be nil: every registry is read anonymously.
	Credentials Credentials
	// OptionalLogin, if set, reports whether the credential of a registry is a stored
	// one that a reader can do without if it cannot be used.
	OptionalLogin func(registry string) bool
	// UserAgent is sent with every request.
	UserAgent string
	// Host returns the settings of each host; nil means the zero HostConfig for
	// all. named is set for a registry that was announced; other hosts are
	// mirrors, token servers and the targets of redirects. It is called from many
	// goroutines.
	Host func(name string, named bool) HostConfig
	// CertDirs are directories with a subdirectory for each host that has
	// certificates of its own, such as docker's and containers' certs.d.
	CertDirs []string
	// Service is set for a service, whose requests are of different clients: each is
	// sent once, none waits for a host that limits the rate, and a token is for one
	// repository. The service remembers failures itself.
	Service bool
	// Strict makes warnings about responses errors.
	Strict bool
	// Warn, if set, is called with each warning, from many goroutines.
	Warn func(message string)
	// Observe, if set, is called for every request that was sent, from many
	// goroutines.
	Observe func(Event)
	// Base replaces the network: by one of NewPublicNetwork, or in tests.
	Base http.RoundTripper
	// Timing replaces the waits, in tests.
	Timing Timing
}

// Transport is an http.RoundTripper for registries. Use one per process: it holds the
// state of each host.
type Transport struct {
	opts  Options
	chain http.RoundTripper
	// unauthenticated is the chain below authorize, used to fetch tokens.
	unauthenticated http.RoundTripper
	// redirected is unauthenticated with the anonymous tokens of other registries.
	redirected http.RoundTripper
	received   *secretRecorder
	guard      *guard
	mu         sync.Mutex
	hosts      map[string]*hostState
}

// New wires the stages of a Transport; it sends nothing.
func New(o Options) *Transport {
	timing := o.Timing.OrDefault()
	t := &Transport{opts: o, hosts: map[string]*hostState{}}
	met := &peers{jobs: t.Jobs, all: map[string]*peer{}}
	t.guard = &guard{announced: t.isAnnounced}
	if shared, ok := o.Base.(*transportCache); ok {
		t.guard = shared.guard
	}
	base := &transportCache{custom: o.Base, settings: t.settings, certDirs: o.CertDirs, guard: t.guard}
	observed := &observer{next: newPatience(base, timing), onEvent: o.Observe, userAgent: o.UserAgent}
	t.received = &secretRecorder{next: observed}
	bounded := &bodyLimit{next: t.received}
	addressed := &schemeTransport{next: &limit{next: connected(bounded, o, met), peers: met, service: o.Service, afterFunc: o.Timing.afterFunc}, host: t.host}
	t.unauthenticated = &referred{&retry{next: &responseBuffer{next: addressed, onMismatch: o.warnOrFail}, wait: timing.Wait, peers: met, service: o.Service}}
	t.redirected = &redirectAuth{next: t.unauthenticated, token: t.anonymousToken}
	t.chain = &authTransport{next: t.unauthenticated, redirected: t.redirected, host: t.host, exchange: t.exchange, wait: timing.Wait}
	return t
}

// RoundTrip sends one request. Requests to announced registries carry credentials if
// the registry requires them; all others do not.
func (t *Transport) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	defer func() {
		// If nothing was sent, net/http has not closed the body.
		if err != nil && req.Body != nil {
			_ = req.Body.Close()
		}
	}()
	if req.Context().Err() != nil {
		return nil, context.Cause(req.Context())
	}
	if err := checkRedirects(req); err != nil {
		return nil, err
	}
	h := t.host(req.URL.Host)
	if h == nil {
		return checkLocation(t.redirected.RoundTrip(req))
	}
	resp, err = checkLocation(t.chain.RoundTrip(req))
	return resp, wrapSchemeError(h.urlScheme(), err)
}

// Announce announces that a repository of a registry will be read, or written
// as well. Only announced registries get credentials, and one token covers everything
// that was announced before the first request and has the same credential.
func (t *Transport) Announce(registry, repository string, write bool) {
	h := t.announce(registry)
	h.named.Store(true)
	if !t.opts.Service {
		h.account(repository).expect(repository, write)
	}
}

// Warn reports a doubt about what was read; with Options.Strict it returns the
// message as an error.
func (t *Transport) Warn(message string) error { return t.opts.warnOrFail(errors.New(message)) }

// AnnounceMirror announces that a repository of a mirror may be read. A mirror
// has its own credentials, by its own name.
func (t *Transport) AnnounceMirror(mirror, repository string) {
	t.announce(mirror).account(repository).expect(repository, false)
}

func (t *Transport) announce(registry string) *hostState {
	t.mu.Lock()
	defer t.mu.Unlock()
	h, ok := t.hosts[registry]
	if !ok {
		h = newHost(registry, t.opts)
		t.hosts[registry] = h
	}
	return h
}

func (t *Transport) host(name string) *hostState {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.hosts[name]
}

// Jobs is the configured limit of requests in flight to a host, 0 if there is none.
func (t *Transport) Jobs(host string) int { return max(t.settings(host).Jobs, 0) }

func (t *Transport) isAnnounced(name string) bool { return t.host(name) != nil }

// Sleep waits for d, or until ctx ends; the error is then the cause of ctx.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
