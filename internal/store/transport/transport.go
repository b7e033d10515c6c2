package transport

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
)

// Credentials finds what to send to a registry.
type Credentials interface {
	// Namespace names the part of a registry whose repositories share the
	// credential of one: "" for the registry as a whole, or a path prefix that
	// has a credential of its own. It does not wait.
	Namespace(registry, repository string) string
	// Credential returns what to send for a namespace. The zero AuthConfig
	// means anonymous. It is asked once per registry and namespace.
	Credential(ctx context.Context, registry, namespace string) (authn.AuthConfig, error)
}

// Options are the settings of a Transport.
type Options struct {
	// Credentials may be nil: every registry is read anonymously.
	Credentials Credentials
	// UserAgent is sent with every request.
	UserAgent string
	// HostConfig gives the settings of each host; nil is the zero Host for all. named
	// says whether it is a registry that was announced by Expect; other hosts
	// are mirrors, token servers and whatever a registry leads to. It is called
	// from many goroutines.
	Host func(name string, named bool) HostConfig
	// CertDirs are folders with a folder for each host that has certificates
	// of its own, as docker's and containers' certs.d.
	CertDirs []string
	// Strict makes doubtful answers errors.
	Strict bool
	// Warn, when set, is told of what is doubtful. It is called from many
	// goroutines.
	Warn func(message string)
	// Observe, when set, is told of every request that went out. It is called
	// from many goroutines.
	Observe func(Event)
	// Base replaces the network, in tests.
	Base http.RoundTripper
	// Timing replaces the waits, in tests.
	Pace Timing
}

// Transport is an http.RoundTripper for registries. Use one per process: it
// holds what was learnt about each host.
type Transport struct {
	opts  Options
	chain http.RoundTripper
	// unauthenticated is the chain below authorize, used to fetch tokens.
	unauthenticated http.RoundTripper
	heard           *secretRecorder
	guard           *guard
	mu              sync.Mutex
	hosts           map[string]*hostState
}

// New wires the stages of a Transport; it sends nothing.
func New(o Options) *Transport {
	pace := o.Pace.OrDefault()
	t := &Transport{opts: o, hosts: map[string]*hostState{}}
	met := &peers{jobs: t.Jobs, all: map[string]*peer{}}
	t.guard = &guard{announced: t.isAnnounced}
	base := &transportCache{custom: o.Base, settings: t.settings, certDirs: o.CertDirs, guard: t.guard}
	observed := &observer{next: newPatience(base, pace), onEvent: o.Observe, userAgent: o.UserAgent}
	t.heard = &secretRecorder{next: observed}
	bounded := &bodyLimit{next: t.heard}
	addressed := &schemeTransport{next: &limit{next: connected(bounded, o, met), peers: met, afterFunc: o.Pace.afterFunc}, host: t.host}
	t.unauthenticated = &retry{next: &responseBuffer{next: addressed, onMismatch: o.warnOrFail}, wait: pace.Wait, peers: met}
	t.chain = &authTransport{next: t.unauthenticated, host: t.host, exchange: t.exchange, wait: pace.Wait}
	return t
}

// RoundTrip sends one request. Requests to registries announced by Expect
// carry credentials where the registry asks for them; all others travel bare.
func (t *Transport) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	defer func() {
		// Where nothing was sent, nobody else closes what was to be sent.
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
		return checkLocation(t.unauthenticated.RoundTrip(req))
	}
	resp, err = checkLocation(t.chain.RoundTrip(req))
	return resp, wrapSchemeError(h.urlScheme(), err)
}

// Announce announces that a repository of a registry will be read, or written
// as well. Only announced registries get credentials, and one token is asked
// for all that was announced before the first request and has one credential.
func (t *Transport) Announce(registry, repository string, write bool) {
	h := t.announce(registry)
	h.named.Store(true)
	h.account(repository).expect(repository, write)
}

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

// Jobs is how many requests to a host may be in flight, 0 where nothing is
// set.
func (t *Transport) Jobs(host string) int { return max(t.settings(host).Jobs, 0) }

func (t *Transport) isAnnounced(name string) bool { return t.host(name) != nil }

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
