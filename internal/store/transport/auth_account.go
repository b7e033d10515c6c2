package transport

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// account is one credential at a registry with its state: the challenge of the
// registry, the planned access, and the tokens. A registry has one account, and one
// more for each namespace that has a credential of its own: a token is granted to
// one user.
type account struct {
	host      *hostState
	namespace string
	anonymous bool          // it has no credential
	looking   chan struct{} // held while the credential is looked up
	// found is nil until the credential was looked up. It is read without waiting for a
	// look-up, to redact the credential from text.
	found atomic.Pointer[found]

	mu   sync.Mutex
	plan accessPlan
	// auth is the scheme that the registry requires, unknownAuth until a response
	// showed it; asked is its challenge.
	auth  authScheme
	asked *transport.Challenge
	// exact is set if the token server does not grant all scopes at once: each
	// request then gets a token of its own scopes.
	exact  bool
	tokens map[string]*tokenState // by their scopes, with spaces between
	// probe is closed when the request that finds out the scheme has finished;
	// nil if there is no such request.
	probe chan struct{}
	// ping is the request to /v2/ that was sent, nil if there was none or it failed
	// before the last request started.
	ping *ping
	// public holds the repositories that are read without the credential, since it
	// cannot be used.
	public map[string]bool
}

// found is the result of looking up a credential.
type found struct {
	key authn.AuthConfig
	err error
}

// account returns the account that a repository belongs to; "" is a request
// outside any repository.
func (h *hostState) account(repository string) *account {
	namespace := ""
	if h.creds != nil && repository != "" {
		namespace = h.creds.Namespace(h.name, repository)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.accounts[namespace]
	if c == nil {
		c = h.newAccount(namespace)
		h.accounts[namespace] = c
	}
	return c
}

func (h *hostState) newAccount(namespace string) *account {
	return &account{host: h, namespace: namespace, looking: make(chan struct{}, 1), tokens: map[string]*tokenState{}}
}

func (c *account) expect(repository string, write bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.plan.add(repository, write)
}

// credential looks up the account's credential, once. A look-up that was cancelled
// with its caller's context is repeated by the next caller.
func (c *account) credential(ctx context.Context) (authn.AuthConfig, error) {
	if c.host.creds == nil || c.anonymous {
		return authn.AuthConfig{}, nil
	}
	select {
	case c.looking <- struct{}{}:
		defer func() { <-c.looking }()
	case <-ctx.Done():
		return authn.AuthConfig{}, context.Cause(ctx)
	}
	if f := c.found.Load(); f != nil {
		return f.key, f.err
	}
	key, err := c.host.creds.Credential(ctx, c.host.name, c.namespace)
	if err == nil || ctx.Err() == nil {
		c.found.Store(&found{key, err})
	}
	return key, err
}
