package transport

import (
	"context"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
)

// waitForProbe makes a request wait while the first one to a host finds out the
// required scheme; it reports whether the caller is that first one. Without
// credentials only an open registry can be written to, so writes do not wait.
func (c *account) waitForProbe(ctx context.Context) (leads bool, err error) {
	cred, err := c.credential(ctx)
	if err != nil {
		return false, err
	}
	for {
		c.mu.Lock()
		fire := c.auth != unknownAuth || (cred == authn.AuthConfig{} && len(c.plan.writes) > 0)
		lead := !fire && c.probe == nil
		if lead {
			c.probe = make(chan struct{})
		}
		wait := c.probe
		c.mu.Unlock()
		if fire || lead {
			return lead, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
}

// finishProbe releases the waiting requests with the scheme that was found out; after
// unknownAuth the next request is the probe.
func (c *account) finishProbe(s authScheme) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s != unknownAuth {
		c.auth = s
	}
	if c.probe != nil {
		close(c.probe)
		c.probe = nil
	}
}

// releaseWaiting releases the waiting requests as soon as there is a token after the
// first 401: waiting for the repeated request would cost a round trip.
func (c *account) releaseWaiting() { c.finishProbe(unknownAuth) }

func (c *account) settleIfUnknown(p authorization) {
	if c.authScheme() == unknownAuth && p.kind == unknownAuth {
		c.finishProbe(noAuth)
	}
}

func (c *account) authScheme() authScheme {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.auth
}

// redirectedFromElsewhere reports whether a request follows a redirect from
// another host:port. Such a request carries no credentials.
func redirectedFromElsewhere(req *http.Request) bool {
	for r := req; r.Response != nil && r.Response.Request != nil; r = r.Response.Request {
		if r.Response.Request.URL.Host != req.URL.Host {
			return true
		}
	}
	return false
}
