package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
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

// refused reports whether a token server answered no, rather than failed or
// asked for patience.
func refused(err error) bool {
	var answer *transport.Error
	return errors.As(err, &answer) && answer.StatusCode >= 400 && answer.StatusCode < 500 &&
		answer.StatusCode != http.StatusRequestTimeout && answer.StatusCode != http.StatusTooManyRequests
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
		g.err = fmt.Errorf("getting a token from %s: %w", h.name, err)
		return
	}
	g.value = t.Token
	if g.value == "" {
		g.value = t.AccessToken
	}
	life := time.Duration(t.ExpiresIn) * time.Second
	if life <= 0 {
		life = defaultLife
	}
	g.renew = asked.Add(life * 4 / 5)
}

// exchange asks the token server a registry names. A registry token in the
// credentials needs no server: it is what would come back.
func (t *Transport) exchange(ctx context.Context, h *host, scopes []string) (*transport.Token, error) {
	cred, err := h.credential(ctx)
	if err != nil {
		return nil, err
	}
	if cred.RegistryToken != "" {
		return &transport.Token{Token: cred.RegistryToken, ExpiresIn: int((24 * time.Hour).Seconds())}, nil
	}
	registry, err := name.NewRegistry(h.name)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	asked := *h.asked
	h.mu.Unlock()
	asked.Insecure = h.urlScheme() == "http"
	return transport.Exchange(tokenRequest.on(ctx), registry, authn.FromConfig(cred), noRedirect{t.bare}, scopes, &asked)
}

// noRedirect refuses to follow a token server elsewhere: the request carries
// a password.
type noRedirect struct{ next http.RoundTripper }

func (n noRedirect) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Response != nil {
		return nil, fmt.Errorf("refusing to follow the token server to %s", req.URL.Host)
	}
	return n.next.RoundTrip(req)
}
