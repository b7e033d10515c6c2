package transport

import (
	"context"
	"net/http"
	"sync"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// redirectAuth gets an anonymous token for a registry that another one redirected to,
// if that registry requires one: names of one's own often redirect to a public
// registry. No credential is sent there, and the token is sent nowhere else.
type redirectAuth struct {
	next  http.RoundTripper
	token func(ctx context.Context, req *http.Request, asked transport.Challenge) (string, error)

	mu     sync.Mutex
	tokens map[string]string // by host and repository
}

func (a *redirectAuth) RoundTrip(req *http.Request) (*http.Response, error) {
	if !redirectedFromElsewhere(req) || callOf(req.Context()).anonymous || req.Method != http.MethodGet && req.Method != http.MethodHead {
		return a.next.RoundTrip(req)
	}
	repository, _ := parsePath(req.URL.Path)
	key := req.URL.Host + " " + repository
	resp, err := a.next.RoundTrip(withToken(req, a.known(key)))
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	asked, kind := selectChallenge(Challenges(resp.Header), authn.AuthConfig{})
	if kind != bearerAuth {
		return resp, nil
	}
	challenge := *asked
	challenge.Insecure = resp.Request != nil && resp.Request.URL.Scheme == "http"
	Discard(resp)
	token, err := a.token(req.Context(), req, challenge)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	if a.tokens == nil {
		a.tokens = map[string]string{}
	}
	a.tokens[key] = token
	a.mu.Unlock()
	return a.next.RoundTrip(withToken(req, token))
}

func (a *redirectAuth) known(key string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.tokens[key]
}

func withToken(req *http.Request, token string) *http.Request {
	if token == "" {
		return req
	}
	return authorization{kind: bearerAuth, header: "Bearer " + token}.apply(req)
}

// anonymousToken requests a token for a request that was redirected. The realm is
// checked like that of any registry.
func (t *Transport) anonymousToken(ctx context.Context, req *http.Request, asked transport.Challenge) (string, error) {
	host := req.URL.Host
	realm, err := CheckRealm(host, asked.Parameters["realm"])
	if err != nil {
		return "", err
	}
	trusted := host
	if t.guard.insideFlag(ctx).Load() {
		trusted = realm.Host
	}
	registry, err := name.NewRegistry(trusted)
	if err != nil {
		return "", err
	}
	var scopes []string
	if repository, _ := parsePath(req.URL.Path); repository != "" {
		scopes = []string{scopeFor(repository, false)}
	}
	if scope := asked.Parameters["scope"]; scope != "" {
		scopes = []string{scope}
	}
	sent := &tokenTransport{next: t.unauthenticated}
	token, err := transport.Exchange(With(ctx, tokenRequest, Referrer(referrer(req))), registry, authn.Anonymous, sent, scopes, &asked)
	if err != nil {
		return "", sent.explain(host, LoginState{}, err)
	}
	return token.Token, nil
}
