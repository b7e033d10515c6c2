package transport

import (
	"context"
	"net/http"
	"time"
)

// call is what the stages know about a request in addition to what it contains:
// ggcr builds the requests, so only their context can carry it. It holds one value
// in one context key; a context made from another one inherits it.
type call struct {
	// Set with the Options below.
	nested, anonymous, mirror, notRepeated, asSent bool
	repository, referrer                           string
	onDigestMismatch                               func(*DigestHeaderError)
	onToken                                        func(TokenExchange)

	// loginState is that of the request's Authorization.
	loginState LoginState
	// retryAfter is how long the response asked to wait.
	retryAfter time.Duration
	// token is set for a request to a token server, login for one of CheckLogin.
	token, login bool
	// unknownHost is set for a request to a host that was not announced: the target
	// of a redirect, an upload's Location or a challenge.
	unknownHost bool
	// shared is set for a request that must use the shared connection, probe for
	// one that may find that its host accepts no more at once.
	shared, probe bool
	// certRequest is that of the host of the request.
	certRequest *certRequest
	// ticket is the place of the request in the order of requests.
	ticket *ticket
}

// CallOption sets a property of the requests made with a context.
type CallOption func(*call)

// With returns a context whose requests have the given properties, in addition to
// those of ctx.
func With(ctx context.Context, options ...CallOption) context.Context {
	c := callOf(ctx)
	for _, set := range options {
		set(&c)
	}
	return context.WithValue(ctx, callKey{}, c)
}

type callKey struct{}

func callOf(ctx context.Context) call {
	c, _ := ctx.Value(callKey{}).(call)
	return c
}

// Nested marks requests that another request waits for: those that read a body
// again which has to be sent again. They do not wait for the result of the first
// request to a host, since the request that waits for them may be that one.
func Nested(c *call) { c.nested = true }

// Anonymous marks requests that carry no credentials, whatever host they go to:
// those to an address that a server chose.
func Anonymous(c *call) { c.anonymous = true }

// Mirror marks requests that another host can serve as well: they are not
// repeated when they fail. The addresses of a mirror do not widen what a registry
// may lead to.
func Mirror(c *call) { c.mirror = true }

// NotRepeated marks requests that are not repeated after a response, whatever it is,
// since their caller has another way: a mount.
func NotRepeated(c *call) { c.notRepeated = true }

// AsSent marks requests whose response is returned as the server sent it: still
// compressed, and without comparing the digest in its header with its bytes.
func AsSent(c *call) { c.asSent = true }

// InRepository names the repository of requests whose path may not contain it: an
// upload continues at any path the registry chooses.
func InRepository(repository string) CallOption {
	return func(c *call) { c.repository = repository }
}

// Referrer names the registry that chose the address of a request: its CAs are
// trusted there too.
func Referrer(registry string) CallOption {
	return func(c *call) { c.referrer = registry }
}

// OnDigestMismatch calls f, in place of Options.Warn or the error of
// Options.Strict, for a manifest requested by tag whose bytes do not have the
// digest in its header. Like a httptrace.ClientTrace, f observes the request; it
// does not change the response.
func OnDigestMismatch(f func(*DigestHeaderError)) CallOption {
	return func(c *call) { c.onDigestMismatch = f }
}

// OnToken calls f, like a httptrace.ClientTrace, after each response of a token server
// that a request waits for, from another goroutine.
func OnToken(f func(TokenExchange)) CallOption {
	return func(c *call) { c.onToken = f }
}

// isRepeated reports whether a request is repeated when it fails, with a response or
// without one.
func (c call) isRepeated(responded bool) bool { return !c.mirror && (!c.notRepeated || !responded) }

func tokenRequest(c *call) { c.token = true }

func loginRequest(c *call) { c.login = true }

func toUnknownHost(c *call) { c.unknownHost = true }

func sharedConnection(c *call) { c.shared = true }

func probeRequest(c *call) { c.probe = true }

// referrer is the registry that led to the host of a request: the one that
// redirected to it, otherwise the one that Referrer names.
func referrer(req *http.Request) string {
	if first := firstRequest(req); first != req {
		return first.URL.Host
	}
	return callOf(req.Context()).referrer
}

// firstRequest follows redirects back to the request that was made.
func firstRequest(req *http.Request) *http.Request {
	for req.Response != nil && req.Response.Request != nil {
		req = req.Response.Request
	}
	return req
}
