package wire

import (
	"context"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
)

// join makes a request wait while the first one to a host finds out what the
// host asks for; it reports whether the caller is that first one. Without
// credentials a registry can be written to only if it is open, so nobody
// waits there.
func (h *host) join(ctx context.Context) (leads bool, err error) {
	cred, err := h.credential(ctx)
	if err != nil {
		return false, err
	}
	for {
		h.mu.Lock()
		fire := h.auth != unknown || (cred == authn.AuthConfig{} && len(h.plan.writes) > 0)
		lead := !fire && h.probe == nil
		if lead {
			h.probe = make(chan struct{})
		}
		wait := h.probe
		h.mu.Unlock()
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

// settle lets the waiting requests go; s is what was learnt, unknown where
// nothing was: then the next request finds out.
func (h *host) settle(s scheme) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s != unknown {
		h.auth = s
	}
	if h.probe != nil {
		close(h.probe)
		h.probe = nil
	}
}

// release lets the waiting requests go as soon as the answer to the first 401
// is at hand: waiting for its repetition would cost a round trip.
func (h *host) release() { h.settle(unknown) }

func (h *host) settleIfUnknown(p pass) {
	if h.asks() == unknown && p.kind == unknown {
		h.settle(open)
	}
}

func (h *host) asks() scheme {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.auth
}

// redirectedFromElsewhere reports whether a request follows a redirect from
// another host:port. Such a request carries no credentials, whatever it names.
func redirectedFromElsewhere(req *http.Request) bool {
	for r := req; r.Response != nil && r.Response.Request != nil; r = r.Response.Request {
		if r.Response.Request.URL.Host != req.URL.Host {
			return true
		}
	}
	return false
}
