package wire

import (
	"context"
	"net/http"
)

// Proof is what a registry said to a credential.
type Proof struct {
	// Asked says that the registry asked who we are. One that lets everybody
	// in has said nothing about the credential.
	Asked bool
	// IdentityToken is what the token server gave to be used in the password's
	// place from now on; "" where it gave none.
	IdentityToken string
}

// signIn is the key under which a context holds the Proof of a SignIn.
type signIn struct{}

func proofOf(ctx context.Context) *Proof {
	p, _ := ctx.Value(signIn{}).(*Proof)
	return p
}

// SignIn tries the credential of a registry out, as docker login does: with a
// GET of /v2/, which every registry has and which asks for a login where it has
// any (distribution-spec, "Determining Support"). A token server is asked for an
// identity token, too. An answer other than 200 is a *transport.Error.
func (t *Transport) SignIn(ctx context.Context, registry string) (Proof, error) {
	h := t.announce(registry)
	h.named.Store(true)
	proof := &Proof{}
	ctx = context.WithValue(ctx, signIn{}, proof)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+registry+"/v2/", nil)
	if err != nil {
		return Proof{}, err
	}
	resp, err := (&http.Client{Transport: t}).Do(req)
	if err != nil {
		return Proof{}, err
	}
	defer Discard(resp)
	if err := CheckAnswer(resp, http.StatusOK); err != nil {
		return Proof{}, err
	}
	proof.Asked = h.account("").asks() != open
	return *proof, nil
}
