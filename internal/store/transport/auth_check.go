package transport

import (
	"cmp"
	"context"
	"net/http"
)

// LoginResult is a registry's response to a credential.
type LoginResult struct {
	// Challenged is set if the registry requested a credential. One that accepts
	// anonymous requests has not checked the credential.
	Challenged bool
	// IdentityToken is the token that replaces the password from now on, "" if the
	// token server issued none.
	IdentityToken string
}

// CheckLogin tries the credential of a registry, as docker login does: with a GET
// of /v2/, which every registry has and which requires a login if anything does
// (distribution-spec, "Determining Support"). A token server is also asked for an
// identity token. A status other than 200 is a *transport.Error.
func (t *Transport) CheckLogin(ctx context.Context, registry string) (LoginResult, error) {
	h := t.announce(registry)
	h.named.Store(true)
	req, err := http.NewRequestWithContext(With(ctx, loginRequest), http.MethodGet, "https://"+registry+"/v2/", nil)
	if err != nil {
		return LoginResult{}, err
	}
	resp, err := (&http.Client{Transport: t}).Do(req)
	if err != nil {
		return LoginResult{}, err
	}
	defer Discard(resp)
	if err := CheckResponse(resp, http.StatusOK); err != nil {
		return LoginResult{}, err
	}
	c := h.account("")
	return LoginResult{Challenged: c.authScheme() != noAuth, IdentityToken: c.identityToken()}, nil
}

// identityToken returns the identity token that came with one of the tokens, ""
// if there is none.
func (c *account) identityToken() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	token := ""
	if c.auth != bearerAuth { // the registry rejected the tokens
		return ""
	}
	for _, g := range c.tokens {
		select {
		case <-g.ready:
			token = cmp.Or(token, g.refresh)
		default:
		}
	}
	return token
}
