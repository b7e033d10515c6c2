package transport

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
)

// ping is the response of a registry to GET /v2/; done is closed when there is one.
type ping struct {
	done chan struct{}
	// header holds the challenge, nil if the registry sent none.
	header http.Header
	err    error
}

// revealChallenge returns the challenge that a response may hide: some registries,
// such as GitHub's, challenge only at /v2/ and answer 404 or 403 for content that
// requires a login. If a login is at hand that was not sent, /v2/ is requested once per
// account (decision 24). The result is nil if the response hides nothing.
func (a *authTransport) revealChallenge(req *http.Request, c *account, n access, p authorization, resp *http.Response) (http.Header, error) {
	if p.header != "" || n.repository == "" || !isHiding(resp) || !canRewind(req) {
		return nil, nil
	}
	ctx := req.Context()
	if cred, err := c.credential(ctx); err != nil || cred == (authn.AuthConfig{}) {
		return nil, err
	}
	detachBody(resp) // it must not hold the only connection
	one := a.startPing(ctx, c, req.URL.Scheme)
	select {
	case <-one.done:
		return one.header, one.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// isHiding reports whether a response may be that of a registry that hides content
// from requests without a login.
func isHiding(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return len(Challenges(resp.Header)) == 0
	}
	return false
}

// startPing returns the ping of an account. It is not cancelled with the request that
// started it, since others wait for it.
func (a *authTransport) startPing(ctx context.Context, c *account, scheme string) *ping {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ping == nil {
		one := &ping{done: make(chan struct{})}
		c.ping = one
		go func() {
			defer close(one.done)
			one.header, one.err = a.ping(context.WithoutCancel(ctx), c.host.name, scheme)
		}()
	}
	return c.ping
}

// forgetFailedPing lets a request that starts now send another ping. One that failed is
// the result of the requests that were waiting, and of no later one.
func (c *account) forgetFailedPing() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ping == nil {
		return
	}
	select {
	case <-c.ping.done:
		if c.ping.err != nil {
			c.ping = nil
		}
	default: // it is being sent
	}
}

// ping requests /v2/ without a login. A registry that fails has not said that no login
// is required, so that is an error.
func (a *authTransport) ping(ctx context.Context, registry, scheme string) (http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+registry+"/v2/", nil)
	if err != nil {
		return nil, err
	}
	resp, err := a.next.RoundTrip(req)
	if err == nil {
		defer Discard(resp)
		switch {
		case resp.StatusCode == http.StatusUnauthorized:
			return resp.Header, nil
		case !isRetryable(resp, nil):
			return nil, nil
		}
		err = CheckResponse(resp)
	}
	return nil, fmt.Errorf("checking whether %s requires a login: %w", registry, err)
}
