package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// TokenError reports that no token was issued for a registry.
type TokenError struct {
	Registry string
	// Status is the token server's status, 0 if it did not respond.
	Status int
	// Reason is the token server's message in one line, without secrets; it may be
	// empty.
	Reason string
	// Login is what the token server got.
	Login LoginState
	// RetryAfter is how long the token server asked to wait, 0 if it did not.
	RetryAfter time.Duration
	Err        error
}

func (e *TokenError) Error() string {
	if e.Status == 0 {
		return fmt.Sprintf("getting a token for %s: %v", e.Registry, e.Err)
	}
	text := strings.TrimSpace(fmt.Sprintf("getting a token for %s: the token server responded with %d %s", e.Registry, e.Status, http.StatusText(e.Status)))
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

// Unwrap returns the cause, nil if there is only a status.
func (e *TokenError) Unwrap() error { return e.Err }

// refused reports whether a token server refused a token, rather than failed or
// limited the rate of requests.
func refused(err error) bool {
	var answer *TokenError
	return errors.As(err, &answer) && answer.Status >= 400 && answer.Status < 500 &&
		answer.Status != http.StatusRequestTimeout && answer.Status != http.StatusTooManyRequests
}

// exchange requests a token from the token server of a registry. A registry token in
// the credentials is used as it is, without a request.
func (t *Transport) exchange(ctx context.Context, c *account, scopes []string) (*transport.Token, error) {
	h := c.host
	cred, err := c.credential(ctx)
	if err != nil {
		return nil, err
	}
	if cred.RegistryToken != "" {
		return &transport.Token{Token: cred.RegistryToken, ExpiresIn: int((24 * time.Hour).Seconds())}, nil
	}
	asked := c.challenge()
	realm, err := CheckRealm(h.name, asked.Parameters["realm"])
	if err != nil {
		return nil, err
	}
	state, login := c.loginState(ctx, bearerAuth), callOf(ctx).login
	if cred, err = t.credentialFor(h, realm, cred, login); err != nil {
		return nil, err
	}
	registry, err := name.NewRegistry(t.trustedRealmHost(ctx, h, realm))
	if err != nil {
		return nil, err
	}
	sent := &tokenTransport{next: t.unauthenticated, offlineToken: login, cred: cred}
	token, err := transport.Exchange(With(ctx, tokenRequest, Referrer(h.name)), registry, authn.FromConfig(cred), sent, scopes, &asked)
	if err != nil {
		return nil, sent.explain(h.name, state, err)
	}
	// One that another replaces stays a secret.
	t.received.note(token.Token, minSecret)
	t.received.note(token.RefreshToken, minSecret)
	for _, doubt := range sent.doubts {
		if err := t.opts.warnOrFail(fmt.Errorf("getting a token for %s: %w", h.name, doubt)); err != nil {
			return nil, err
		}
	}
	return token, nil
}

// credentialFor returns the credential that may be sent to a token server. A server
// that is not trusted gets an anonymous request, with a warning; for a login, which
// is about the credential, that is an error.
func (t *Transport) credentialFor(h *hostState, realm *url.URL, cred authn.AuthConfig, login bool) (authn.AuthConfig, error) {
	switch {
	case cred == (authn.AuthConfig{}) || trustsRealm(h.name, realm, h.settings()):
		return cred, nil
	case login:
		return cred, &TokenError{Registry: h.name, Login: LoginState{WithheldFrom: realm.Host, Flags: missingFlags(h.name, realm, h.settings())}, Err: fmt.Errorf("its token server is %s, and your password %s", publicRealm(realm.String()), withheldReason(h.name, realm, h.settings()))}
	}
	h.warnOfRealm(t.opts, realm)
	return authn.AuthConfig{}, nil
}

// trustedRealmHost is the host at which ggcr accepts a realm even with a private
// address: the registry's own. If a registry of this run has a private address, its
// token server may have one too (decision 20; fault 4).
func (t *Transport) trustedRealmHost(ctx context.Context, h *hostState, realm *url.URL) string {
	if t.guard.insideFlag(ctx).Load() {
		return realm.Host
	}
	return h.name
}

func (c *account) challenge() transport.Challenge {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := *c.asked
	asked.Insecure = c.host.urlScheme() == "http"
	return asked
}

// warnOfRealm warns, once, that a credential was not used, and why.
func (h *hostState) warnOfRealm(o Options, realm *url.URL) {
	h.realmOnce.Do(func() {
		if o.Warn != nil {
			o.Warn(fmt.Sprintf("%s names %s as its token server; your credential for %s %s",
				h.name, publicRealm(realm.String()), h.name, withheldReason(h.name, realm, h.settings())))
		}
	})
}
