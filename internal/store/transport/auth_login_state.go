package transport

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// LoginState is what a failed request had to do with a login. The zero value is a
// request without one.
type LoginState struct {
	// Sent is set if the registry, or its token server, got the credential.
	Sent bool
	// WithheldFrom is the token server that did not get the credential, host or
	// host:port, and Flags are the flags that allow it; both are empty otherwise.
	WithheldFrom string
	Flags        []string
}

// LoginStateOf returns the login state of the request that an error is about.
func LoginStateOf(err error) LoginState {
	var (
		token  *TokenError
		answer *transport.Error
	)
	switch {
	case errors.As(err, &token):
		return token.Login
	case errors.As(err, &answer):
		return LoginStateOfResponse(&http.Response{Request: answer.Request})
	}
	return LoginState{}
}

// LoginStateOfResponse returns the login state of the request that a response is for.
func LoginStateOfResponse(resp *http.Response) LoginState {
	if resp == nil || resp.Request == nil {
		return LoginState{}
	}
	return callOf(resp.Request.Context()).loginState
}

func withLoginState(s LoginState) CallOption {
	return func(c *call) { c.loginState = s }
}

// loginState returns what is sent with the account's requests in a scheme.
func (c *account) loginState(ctx context.Context, kind authScheme) LoginState {
	cred, err := c.credential(ctx)
	if err != nil || cred == (authn.AuthConfig{}) {
		return LoginState{}
	}
	if kind != bearerAuth || cred.RegistryToken != "" {
		return LoginState{Sent: true}
	}
	realm, err := CheckRealm(c.host.name, c.challenge().Parameters["realm"])
	if err != nil {
		return LoginState{}
	}
	if trustsRealm(c.host.name, realm, c.host.settings()) {
		return LoginState{Sent: true}
	}
	return LoginState{WithheldFrom: realm.Host, Flags: missingFlags(c.host.name, realm, c.host.settings())}
}
