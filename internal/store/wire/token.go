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
	err   error
	renew time.Time
}

// token returns a token for the whole run, or one of the request's own scopes
// where the server turned out to grant no more.
func (a *authorize) token(ctx context.Context, h *host, n need) (pass, error) {
	planned, exact := h.scopes(n)
	if len(planned) > 0 {
		value, err := a.grant(ctx, h, planned)
		if err == nil {
			return pass{kind: bearer, header: "Bearer " + value, exact: slices.Equal(planned, exact)}, nil
		}
		if !refused(err) || slices.Equal(planned, exact) {
			return pass{}, err
		}
		h.fallBack()
	}
	value, err := a.grant(ctx, h, exact)
	return pass{kind: bearer, header: "Bearer " + value, exact: true}, err
}

func (h *host) fallBack() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.exact = true
}

// scopes returns the scopes of the run's token, none when that is no use, and
// those of the request alone.
func (h *host) scopes(n need) (planned, exact []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	exact = n.exact(slices.Contains(h.plan.writes, n.repository))
	if !h.exact {
		planned = h.plan.scopes(n)
	}
	return planned, exact
}

// grant returns the token for a set of scopes, fetched once whoever asks, and
// again when most of its life is over. A refusal is final too.
func (a *authorize) grant(ctx context.Context, h *host, scopes []string) (string, error) {
	key := strings.Join(scopes, " ")
	h.mu.Lock()
	g := h.tokens[key]
	if g == nil || g.stale() {
		g = &grant{ready: make(chan struct{})}
		h.tokens[key] = g
		// The fetch outlives the caller that began it: others wait for it.
		go a.fetch(context.WithoutCancel(ctx), h, scopes, g)
	}
	h.mu.Unlock()
	select {
	case <-g.ready:
		return g.value, g.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
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

func (a *authorize) fetch(ctx context.Context, h *host, scopes []string, g *grant) {
	defer close(g.ready)
	asked := time.Now()
	t, err := a.exchange(ctx, h, scopes)
	if err != nil {
		g.err = err
		return
	}
	g.value = t.Token
	life := time.Duration(t.ExpiresIn) * time.Second
	if life <= 0 {
		life = defaultLife
	}
	g.renew = asked.Add(life * 4 / 5)
}
