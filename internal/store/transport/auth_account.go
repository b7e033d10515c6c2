package transport

import (
	"context"
	"sync"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// account is one credential at a registry, with what came of it: what the
// registry asks for, what the run will touch, and the tokens. A registry has
// one account, and one more for each namespace that has a credential of its
// own: a token is granted to a user, so none serves two of them.
type account struct {
	host      *hostState
	namespace string
	looking   chan struct{} // held by who looks the credential up
	found     *found

	mu   sync.Mutex
	plan accessPlan
	// auth is what the registry asks for, unknown until an answer told; asked is
	// the challenge it asks with.
	auth  authScheme
	asked *transport.Challenge
	// exact is set when the token server turned out to grant too little at once:
	// each request then gets a token of its own scopes.
	exact  bool
	tokens map[string]*tokenState // by their scopes, with spaces between
	// probe is closed when the request that finds out what is asked for has done
	// so; nil when none is on its way.
	probe chan struct{}
}

// found is what looking for a credential came to.
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
		c = &account{host: h, namespace: namespace, looking: make(chan struct{}, 1), tokens: map[string]*tokenState{}}
		h.accounts[namespace] = c
	}
	return c
}

func (c *account) expect(repository string, write bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.plan.add(repository, write)
}

// credential looks the account's credential up, once. A look-up that its
// caller gave up says nothing to the next one, who looks again.
func (c *account) credential(ctx context.Context) (authn.AuthConfig, error) {
	if c.host.creds == nil {
		return authn.AuthConfig{}, nil
	}
	select {
	case c.looking <- struct{}{}:
		defer func() { <-c.looking }()
	case <-ctx.Done():
		return authn.AuthConfig{}, context.Cause(ctx)
	}
	if c.found != nil {
		return c.found.key, c.found.err
	}
	key, err := c.host.creds.Credential(ctx, c.host.name, c.namespace)
	if err == nil || ctx.Err() == nil {
		c.found = &found{key, err}
	}
	return key, err
}
