package transport

import (
	"context"
	"net/http"
)

// LoginResult is what a registry said to a credential.
type LoginResult struct {
	// Challenged says that the registry asked who we are. One that lets everybody
	// in has said nothing about the credential.
	Challenged bool
	// IdentityToken is what the token server gave to be used in the password's
	// place from now on; "" where it gave none.
	IdentityToken string
}

// loginResultKey is the key under which a context holds the Proof of a CheckLogin.
type loginResultKey struct{}

func proofOf(ctx context.Context) *LoginResult {
	p, _ := ctx.Value(loginResultKey{}).(*LoginResult)
	return p
}

// CheckLogin tries the credential of a registry out, as docker login does: with a
// GET of /v2/, which every registry has and which asks for a login where it has
// any (distribution-spec, "Determining Support"). A token server is asked for an
// identity token, too. An answer other than 200 is a *transport.Error.
func (t *Transport) CheckLogin(ctx context.Context, registry string) (LoginResult, error) {
	h := t.announce(registry)
	h.named.Store(true)
	proof := &LoginResult{}
	ctx = context.WithValue(ctx, loginResultKey{}, proof)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+registry+"/v2/", nil)
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
	proof.Challenged = h.account("").authScheme() != noAuth
	return *proof, nil
}
