package wire

import (
	"context"
	"slices"
	"strings"
	"time"
)

// defaultLife is how long a token lives whose server does not say.
// Source: Docker's token specification, "expires_in".
const defaultLife = 60 * time.Second

// grant is a token being fetched or held; ready is closed when it is there.
type grant struct {
	ready chan struct{}
	value string
	// refresh is what the token server gave to be used in the password's place.
	refresh string
	err     error
	renew   time.Time
	// proven is set once a request was let in with it.
	proven bool
	// doubted is set when it was called invalid before it was proven; second is
	// set for the one that follows such a token.
	doubted, second bool
}

// settling is how long a second token is waited for: clocks that differ a
// little, and registries whose machines learn of a key one by one, call a
// token invalid that was made a moment ago.
const settling = time.Second

// token returns a token for the whole run, or one of the request's own scopes
// where the server turned out to grant no more.
func (a *authorize) token(ctx context.Context, c *account, n need) (pass, error) {
	planned, exact := c.scopes(n)
	if len(planned) > 0 {
		value, err := a.grant(ctx, c, planned)
		if err == nil {
			return pass{kind: bearer, header: "Bearer " + value, exact: slices.Equal(planned, exact)}, nil
		}
		if !refused(err) || slices.Equal(planned, exact) {
			return pass{}, err
		}
		c.fallBack()
	}
	value, err := a.grant(ctx, c, exact)
	return pass{kind: bearer, header: "Bearer " + value, exact: true}, err
}

func (c *account) fallBack() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.exact = true
}

// scopes returns the scopes of the run's token, none when that is no use, and
// those of the request alone.
func (c *account) scopes(n need) (planned, exact []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	exact = n.exact(slices.Contains(c.plan.writes, n.repository))
	if !c.exact {
		planned = c.plan.scopes(n)
	}
	return planned, exact
}

// grant returns the token for a set of scopes, fetched once whoever asks, and
// again when most of its life is over. A refusal is final too.
func (a *authorize) grant(ctx context.Context, c *account, scopes []string) (string, error) {
	g := a.begin(ctx, c, scopes)
	select {
	case <-g.ready:
		return g.value, g.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// begin makes sure that a token is there or on its way. The fetch outlives the
// caller that began it: others wait for it.
func (a *authorize) begin(ctx context.Context, c *account, scopes []string) *grant {
	key := strings.Join(scopes, " ")
	c.mu.Lock()
	defer c.mu.Unlock()
	g := c.tokens[key]
	if g == nil || g.stale() || g.doubted {
		g = &grant{ready: make(chan struct{}), second: g != nil && g.doubted}
		c.tokens[key] = g
		go a.fetch(context.WithoutCancel(ctx), c, scopes, g)
	}
	return g
}

// beginAll asks for all tokens of the run as soon as it is known that tokens
// are asked for: one after the other they would cost a round trip each.
func (a *authorize) beginAll(ctx context.Context, c *account) {
	c.mu.Lock()
	var groups [][]string
	if c.auth == bearer && !c.exact {
		groups = c.plan.groups()
	}
	c.mu.Unlock()
	if len(groups) < 2 {
		return
	}
	for _, scopes := range groups {
		a.begin(ctx, c, scopes)
	}
}

func (g *grant) stale() bool {
	select {
	case <-g.ready:
		return !refused(g.err) && time.Now().After(g.renew)
	default:
		return false
	}
}

func (a *authorize) fetch(ctx context.Context, c *account, scopes []string, g *grant) {
	defer close(g.ready)
	if g.second {
		if g.err = a.wait(ctx, settling); g.err != nil {
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

// holds reports whether a grant is the token of a request.
func (g *grant) holds(p pass) bool {
	select {
	case <-g.ready:
		return g.err == nil && "Bearer "+g.value == p.header
	default:
		return false
	}
}

// prove notes that a request was let in with its token.
func (c *account) prove(p pass) {
	if p.kind != bearer {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range c.tokens {
		g.proven = g.proven || g.holds(p)
	}
}

// doubts reports whether a token that the registry calls invalid (RFC 6750,
// section 3.1) is worth one more of its kind: it was never good, and it is the
// first. c.mu is held.
func (c *account) doubts(p pass) bool {
	for _, g := range c.tokens {
		if g.holds(p) {
			g.doubted = !g.proven && !g.second
			return g.doubted
		}
	}
	return true // another request had it replaced
}

// renews reports whether a token that is refused is worth another one: it was
// good before, so it ended early, or another request dropped it already. One
// that never was good is what the registry thinks of us. c.mu is held.
func (c *account) renews(p pass) bool {
	for key, g := range c.tokens {
		if g.holds(p) {
			if g.proven {
				delete(c.tokens, key)
			}
			return g.proven
		}
	}
	return true
}
