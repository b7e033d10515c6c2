package transport

import (
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// maxChallenges bounds how often one request is repeated after a 401: without
// credentials, with the token of the run, with a token of its own scopes.
const maxChallenges = 4

// authorization is the Authorization header of a request.
type authorization struct {
	kind   authScheme
	header string
	login  LoginState
	// exact is set for a token of this request's scopes alone.
	exact bool
}

// authTransport adds the credentials that a registry requires. It sends no ping: the
// first real request learns the scheme from its 401, and others to the same host
// wait for that if it saves them a 401.
type authTransport struct {
	next http.RoundTripper
	// redirected sends requests that another host redirected here.
	redirected http.RoundTripper
	host       func(string) *hostState
	exchange   func(context.Context, *account, []string) (*transport.Token, error)
	wait       func(context.Context, time.Duration) error
}

func (a *authTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	h := a.host(req.URL.Host)
	if h == nil || callOf(req.Context()).anonymous || redirectedFromElsewhere(req) {
		return a.redirected.RoundTrip(req)
	}
	n := accessOf(req)
	return a.asReader(h, h.account(n.repository), req, n)
}

// asAccount sends a request with the login of an account.
func (a *authTransport) asAccount(c *account, req *http.Request, n access) (*http.Response, error) {
	if callOf(req.Context()).nested {
		return a.try(c, req, n)
	}
	c.forgetFailedPing()
	leads, err := c.waitForProbe(req.Context())
	if err != nil {
		return nil, err
	}
	if leads {
		defer c.finishProbe(unknownAuth)
	}
	return a.try(c, req, n)
}

func (a *authTransport) try(c *account, req *http.Request, n access) (*http.Response, error) {
	p, err := a.authorizationFor(req.Context(), c, n)
	for i := 0; err == nil; i++ {
		var resp *http.Response
		if resp, err = a.next.RoundTrip(p.apply(req)); err != nil {
			return nil, err
		}
		hidden, pingErr := a.revealChallenge(req, c, n, p, resp)
		if pingErr != nil {
			Discard(resp)
			return nil, pingErr
		}
		if resp.StatusCode != http.StatusUnauthorized && hidden == nil {
			c.settleIfUnknown(p)
			c.markUsed(p)
			return resp, nil
		}
		if hidden == nil {
			hidden = resp.Header
		}
		if i == maxChallenges || !canRewind(req) || !c.handleChallenge(req.Context(), p, hidden) {
			return resp, nil
		}
		Discard(resp)
		a.prefetchTokens(req.Context(), c)
		p, err = a.authorizationFor(req.Context(), c, n)
		c.releaseWaiting()
		if err == nil {
			req, err = rewind(req)
		}
	}
	return nil, err
}

// authorizationFor returns the authorization for the known scheme of the host.
func (a *authTransport) authorizationFor(ctx context.Context, c *account, n access) (p authorization, err error) {
	defer func() {
		if p.header != "" {
			p.login = c.loginState(ctx, p.kind)
		}
	}()
	switch c.authScheme() {
	case basicAuth:
		cred, err := c.credential(ctx)
		return authorization{kind: basicAuth, header: basicHeader(cred)}, err
	case bearerAuth:
		return a.token(ctx, c, n)
	default:
		return authorization{}, nil
	}
}

func basicHeader(cred authn.AuthConfig) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(cred.Username+":"+cred.Password))
}

func (p authorization) apply(req *http.Request) *http.Request {
	if p.header == "" {
		return req
	}
	out := req.Clone(With(req.Context(), withLoginState(p.login)))
	out.Header.Set("Authorization", p.header)
	return out
}

// handleChallenge processes the challenge after a request with authorization p. It reports whether
// another attempt may succeed.
func (c *account) handleChallenge(ctx context.Context, p authorization, header http.Header) bool {
	cred, err := c.credential(ctx)
	if err != nil {
		return true // authorizationFor reports it
	}
	asked, kind := selectChallenge(Challenges(header), cred)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	// Harbor rejects a token without scopes, and takes the password (its issue 23799).
	case kind == basicAuth && p.kind == bearerAuth:
	case kind == bearerAuth && p.kind == bearerAuth && asked.Parameters["error"] == "invalid_token" && c.shouldRetryInvalid(p):
	case kind == unknownAuth, kind == basicAuth && p.kind == basicAuth, p.exact && !c.isRenewable(p):
		return false
	case p.kind == bearerAuth && kind == bearerAuth && !p.exact:
		c.exact = true
	}
	c.auth, c.asked = kind, asked
	return true
}

// selectChallenge picks a challenge: Bearer if it is offered, otherwise Basic if there
// is a password to send.
func selectChallenge(all []transport.Challenge, cred authn.AuthConfig) (*transport.Challenge, authScheme) {
	if i := slices.IndexFunc(all, func(c transport.Challenge) bool {
		return c.Scheme == "bearer" && c.Parameters["realm"] != ""
	}); i >= 0 {
		return &all[i], bearerAuth
	}
	if cred.Username == "" && cred.Password == "" {
		return nil, unknownAuth
	}
	if i := slices.IndexFunc(all, func(c transport.Challenge) bool { return c.Scheme == "basic" }); i >= 0 {
		return &all[i], basicAuth
	}
	return nil, unknownAuth
}
