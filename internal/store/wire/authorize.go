package wire

import (
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// maxChallenges bounds how often one request is sent because of 401s: bare,
// with the token of the whole run, with a token of its own.
const maxChallenges = 4

// pass is what a request carries to be let in.
type pass struct {
	kind   scheme
	header string
	// exact is set for a token of this request's scopes alone.
	exact bool
}

// authorize adds what a registry asks for. It sends no ping: the first real
// request learns from its 401, and others to the same host wait for what it
// learns where that saves them a 401 of their own.
type authorize struct {
	next     http.RoundTripper
	host     func(string) *host
	exchange func(context.Context, *account, []string) (*transport.Token, error)
	wait     func(context.Context, time.Duration) error
}

func (a *authorize) RoundTrip(req *http.Request) (*http.Response, error) {
	h := a.host(req.URL.Host)
	if h == nil || bareRequest.isOn(req) || redirectedFromElsewhere(req) {
		return a.next.RoundTrip(req)
	}
	n := needOf(req)
	c := h.account(n.repository)
	if nestedRequest.isOn(req) {
		return a.try(c, req, n)
	}
	leads, err := c.join(req.Context())
	if err != nil {
		return nil, err
	}
	if leads {
		defer c.settle(unknown)
	}
	return a.try(c, req, n)
}

func (a *authorize) try(c *account, req *http.Request, n need) (*http.Response, error) {
	p, err := a.passFor(req.Context(), c, n)
	for i := 0; err == nil; i++ {
		var resp *http.Response
		if resp, err = a.next.RoundTrip(p.carry(req)); err != nil {
			return nil, err
		}
		if resp.StatusCode != http.StatusUnauthorized {
			c.settleIfUnknown(p)
			c.prove(p)
			return resp, nil
		}
		if i == maxChallenges || !canRewind(req) || !c.learn(req.Context(), p, resp) {
			return resp, nil
		}
		Discard(resp)
		a.beginAll(req.Context(), c)
		p, err = a.passFor(req.Context(), c, n)
		c.release()
		if err == nil {
			req, err = rewind(req)
		}
	}
	return nil, err
}

// passFor returns what the host is known to ask for.
func (a *authorize) passFor(ctx context.Context, c *account, n need) (pass, error) {
	switch c.asks() {
	case basic:
		cred, err := c.credential(ctx)
		return pass{kind: basic, header: basicHeader(cred)}, err
	case bearer:
		return a.token(ctx, c, n)
	default:
		return pass{}, nil
	}
}

func basicHeader(cred authn.AuthConfig) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(cred.Username+":"+cred.Password))
}

func (p pass) carry(req *http.Request) *http.Request {
	if p.header == "" {
		return req
	}
	out := req.Clone(req.Context())
	out.Header.Set("Authorization", p.header)
	return out
}

// learn takes the answer 401 to a request that carried p. It reports whether
// another try may do better.
func (c *account) learn(ctx context.Context, p pass, resp *http.Response) bool {
	cred, err := c.credential(ctx)
	if err != nil {
		return true // passFor reports it
	}
	asked, kind := choose(challenges(resp.Header), cred)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case kind == bearer && p.kind == bearer && asked.Parameters["error"] == "invalid_token" && c.doubts(p):
	case kind == unknown, kind == basic && p.kind == basic, p.exact && !c.renews(p):
		return false
	case p.kind == bearer && kind == bearer && !p.exact:
		c.exact = true
	}
	c.auth, c.asked = kind, asked
	return true
}

// choose picks the challenge to answer: a token where one is offered, else
// Basic where there is a password to send.
func choose(all []transport.Challenge, cred authn.AuthConfig) (*transport.Challenge, scheme) {
	if i := slices.IndexFunc(all, func(c transport.Challenge) bool {
		return c.Scheme == "bearer" && c.Parameters["realm"] != ""
	}); i >= 0 {
		return &all[i], bearer
	}
	if cred.Username == "" && cred.Password == "" {
		return nil, unknown
	}
	if i := slices.IndexFunc(all, func(c transport.Challenge) bool { return c.Scheme == "basic" }); i >= 0 {
		return &all[i], basic
	}
	return nil, unknown
}
