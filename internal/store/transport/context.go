package transport

import (
	"context"
	"net/http"
)

// ctxKey is a key of what a context tells about the requests made with it.
type ctxKey int

const (
	tokenRequest ctxKey = iota
	nestedRequest
	bareRequest
	// unknownHostDial marks requests to hosts nobody announced: where a redirect,
	// an upload's Location or a challenge led.
	unknownHostDial
	// exploring marks a request that may find its host taking no more at once.
	exploring
	// following marks a request that is to share a connection.
	following
	// ticketed holds the ticket of a request.
	ticketed
	// workIn holds the repository that In names.
	workIn
	// mirrorRequest marks those to a mirror.
	mirrorRequest
	// ledBy holds the registry that led to the host of a request.
	ledBy
	// digestNote holds the note of WithDigestNote.
	digestNote
)

func (m ctxKey) on(ctx context.Context) context.Context { return context.WithValue(ctx, m, true) }

func (m ctxKey) isOn(req *http.Request) bool { return req.Context().Value(m) != nil }

// WithNested marks requests that another request waits for: those that read a
// body again which has to be sent again. They do not wait for what the first
// request to a host learns, since the request that waits for them may be that
// first one.
func WithNested(ctx context.Context) context.Context { return nestedRequest.on(ctx) }

// WithRepository marks requests as part of the work in a repository, for those whose path
// may not say so: an upload goes on wherever the registry likes.
func WithRepository(ctx context.Context, repository string) context.Context {
	return context.WithValue(ctx, workIn, repository)
}

// WithoutCredentials marks requests that carry no credentials, whatever host they go to:
// those to an address that a server chose.
func WithoutCredentials(ctx context.Context) context.Context { return bareRequest.on(ctx) }

// WithMirror marks requests that another place can answer as well: they are not
// sent again when they fail. Where a mirror is, or leads to, says nothing
// about where a registry may lead.
func WithMirror(ctx context.Context) context.Context { return mirrorRequest.on(ctx) }

// WithReferrer marks requests to an address that a registry chose: its authorities
// are trusted there too.
func WithReferrer(ctx context.Context, registry string) context.Context {
	return context.WithValue(ctx, ledBy, registry)
}

// referrer is the registry that led to the host of a request: the one that
// redirected to it, else the one that a mark names.
func referrer(req *http.Request) string {
	first := req
	for first.Response != nil && first.Response.Request != nil {
		first = first.Response.Request
	}
	if first != req {
		return first.URL.Host
	}
	registry, _ := req.Context().Value(ledBy).(string)
	return registry
}
