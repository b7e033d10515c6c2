package transport

import (
	"context"
	"slices"
	"strings"
	"time"
)

// defaultLife is the lifetime of a token without expires_in.
// Source: Docker's token specification, "expires_in".
const defaultLife = 60 * time.Second

// tokenState is a token that is being fetched or was fetched; then ready is closed.
type tokenState struct {
	ready chan struct{}
	value string
	// refresh is the identity token, which replaces the password.
	refresh string
	err     error
	renew   time.Time
	// used is set once a request with it was accepted.
	used bool
	// invalid is set if a registry rejected it as invalid before it was ever
	// accepted; retried is set for the token that replaces such a token.
	invalid, retried bool
}

// invalidRetryDelay is the pause before requesting a second token: registries whose
// clocks differ a little, or whose servers get a new key one by one, reject a token
// that was just issued.
const invalidRetryDelay = time.Second

// token returns a token for the whole run, or one of the request's own scopes if the
// token server does not grant more.
func (a *authTransport) token(ctx context.Context, c *account, n access) (authorization, error) {
	planned, exact := c.scopes(n)
	if len(planned) > 0 {
		value, err := a.grant(ctx, c, planned)
		if err == nil {
			return authorization{kind: bearerAuth, header: "Bearer " + value, exact: slices.Equal(planned, exact)}, nil
		}
		if !refused(err) || slices.Equal(planned, exact) {
			return authorization{}, err
		}
		c.usePerRequestTokens()
	}
	value, err := a.grant(ctx, c, exact)
	return authorization{kind: bearerAuth, header: "Bearer " + value, exact: true}, err
}

func (c *account) usePerRequestTokens() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.exact = true
}

// scopes returns the scopes of the run's token, none if the token server does not
// grant it, and those of the request alone.
func (c *account) scopes(n access) (planned, exact []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	exact = n.ownScopes(slices.Contains(c.plan.writes, n.repository))
	if !c.exact {
		planned = c.plan.scopes(n)
	}
	return planned, exact
}

// grant returns the token for a set of scopes. It is fetched once for all requests,
// and again when most of its lifetime is over. A refusal is final.
func (a *authTransport) grant(ctx context.Context, c *account, scopes []string) (string, error) {
	g := a.startFetch(ctx, c, scopes)
	select {
	case <-g.ready:
		return g.value, g.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// startFetch returns a token that was fetched or is being fetched. The fetch is not
// cancelled with the caller that started it, since others wait for it.
func (a *authTransport) startFetch(ctx context.Context, c *account, scopes []string) *tokenState {
	key := strings.Join(scopes, " ")
	c.mu.Lock()
	defer c.mu.Unlock()
	g := c.tokens[key]
	if g == nil || g.stale() || g.invalid {
		g = &tokenState{ready: make(chan struct{}), retried: g != nil && g.invalid}
		c.tokens[key] = g
		go a.fetch(context.WithoutCancel(ctx), c, scopes, g)
	}
	return g
}

// prefetchTokens requests all tokens of the run as soon as it is known that tokens are
// required: one after the other they would cost a round trip each.
func (a *authTransport) prefetchTokens(ctx context.Context, c *account) {
	c.mu.Lock()
	var groups [][]string
	if c.auth == bearerAuth && !c.exact {
		groups = c.plan.pullScopes()
	}
	c.mu.Unlock()
	if len(groups) < 2 {
		return
	}
	for _, scopes := range groups {
		a.startFetch(ctx, c, scopes)
	}
}

func (g *tokenState) stale() bool {
	select {
	case <-g.ready:
		return !refused(g.err) && time.Now().After(g.renew)
	default:
		return false
	}
}

func (a *authTransport) fetch(ctx context.Context, c *account, scopes []string, g *tokenState) {
	defer close(g.ready)
	if g.retried {
		if g.err = a.wait(ctx, invalidRetryDelay); g.err != nil {
			return
		}
	}
	asked := time.Now()
	t, err := a.exchange(ctx, c, scopes)
	if err != nil {
		g.err = err
		return
	}
	g.value, g.refresh = t.Token, t.RefreshToken
	life := time.Duration(t.ExpiresIn) * time.Second
	if life <= 0 {
		life = defaultLife
	}
	g.renew = asked.Add(life * 4 / 5)
}

// matches reports whether a request carries this token.
func (g *tokenState) matches(p authorization) bool {
	select {
	case <-g.ready:
		return g.err == nil && "Bearer "+g.value == p.header
	default:
		return false
	}
}

// markUsed records that a request with its token was accepted.
func (c *account) markUsed(p authorization) {
	if p.kind != bearerAuth {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range c.tokens {
		g.used = g.used || g.matches(p)
	}
}

// shouldRetryInvalid reports whether to replace a token that the registry rejects as
// invalid (RFC 6750, section 3.1): if it was never accepted and is the first. c.mu is
// held.
func (c *account) shouldRetryInvalid(p authorization) bool {
	for _, g := range c.tokens {
		if g.matches(p) {
			g.invalid = !g.used && !g.retried
			return g.invalid
		}
	}
	return true // another request has replaced it
}

// isRenewable reports whether to replace a rejected token: if it was accepted before,
// so that it expired early, or another request dropped it already. A token that was
// never accepted lacks the permission. c.mu is held.
func (c *account) isRenewable(p authorization) bool {
	for key, g := range c.tokens {
		if g.matches(p) {
			if g.used {
				delete(c.tokens, key)
			}
			return g.used
		}
	}
	return true
}
