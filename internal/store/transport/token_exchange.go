package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// TokenExchange is one request to a token server and its response, without secrets.
type TokenExchange struct {
	Method string
	// URL is that of the request, as RedactURL returns it.
	URL    string
	Status int
	// Scopes are those of the request.
	Scopes []string
	// Fields are the names of the response's fields, sorted.
	Fields []string
	// ExpiresIn is the JSON value of expires_in, "" if it is absent or long.
	ExpiresIn string
	// Problem is what is wrong with a response that grants a token.
	Problem error
}

// maxShownLifetime is the length of the longest expires_in that is shown.
const maxShownLifetime = 32

func newTokenExchange(req *http.Request, status int, raw []byte) TokenExchange {
	e := TokenExchange{Method: req.Method, URL: RedactURL(req.URL), Status: status, Scopes: requestedScopes(req)}
	if status >= http.StatusMultipleChoices {
		return e
	}
	_, e.Problem = parseTokenResponse(raw)
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(bytes.TrimPrefix(raw, []byte("\ufeff")), &fields); err != nil {
		return e
	}
	e.Fields = slices.Sorted(maps.Keys(fields))
	if text := string(fields["expires_in"]); len(text) <= maxShownLifetime {
		e.ExpiresIn = text
	}
	return e
}

// requestedScopes returns the scopes of the query, or those of the form that a request
// with an identity token sends.
func requestedScopes(req *http.Request) []string {
	if req.Method != http.MethodPost || req.GetBody == nil {
		return req.URL.Query()["scope"]
	}
	body, err := req.GetBody()
	if err != nil {
		return nil
	}
	defer body.Close()
	raw, err := io.ReadAll(body)
	if err != nil {
		return nil
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil
	}
	return strings.Fields(form.Get("scope"))
}

// TokenRequest is a request to the token server of a registry that does not use the
// credential of the run.
type TokenRequest struct {
	Registry string
	// Header holds the challenge of the registry.
	Header http.Header
	// Username and Password are sent; without them the request is anonymous.
	Username, Password string
	Scopes             []string
}

// RequestToken sends a request to the token server that a challenge names, with the
// rules for realms of all such requests, and returns the exchange but not the token. A
// refusal is an exchange, not an error. The error is that of the network, of a realm
// that is not used, or that there is no Bearer challenge.
func (t *Transport) RequestToken(ctx context.Context, q TokenRequest) (TokenExchange, error) {
	cred := authn.AuthConfig{Username: q.Username, Password: q.Password}
	asked, kind := selectChallenge(Challenges(q.Header), authn.AuthConfig{})
	if kind != bearerAuth {
		return TokenExchange{}, errors.New("the registry sent no Bearer challenge with a realm")
	}
	realm, err := CheckRealm(q.Registry, asked.Parameters["realm"])
	if err != nil {
		return TokenExchange{}, err
	}
	h := t.announce(q.Registry)
	asked.Insecure = h.urlScheme() == "http"
	trusted, err := name.NewRegistry(t.trustedRealmHost(ctx, h, realm))
	if err != nil {
		return TokenExchange{}, err
	}
	var got TokenExchange
	outer := callOf(ctx).onToken
	ctx = With(ctx, tokenRequest, Referrer(h.name), OnToken(func(e TokenExchange) {
		got = e
		if outer != nil {
			outer(e)
		}
	}))
	sent := &tokenTransport{next: t.unauthenticated, cred: cred}
	if _, err = transport.Exchange(ctx, trusted, authn.FromConfig(cred), sent, q.Scopes, asked); err != nil && got.Status == 0 {
		return got, sent.explain(h.name, LoginState{}, err)
	}
	return got, nil
}

// IsOwnTokenServer reports whether a registry's credential is sent to a token server
// without a setting that allows it.
func IsOwnTokenServer(registry string, realm *url.URL) bool {
	return trustsRealm(strings.ToLower(registry), realm, HostConfig{})
}
