package transport

import (
	"fmt"
	"io"
	"net/http"
)

// Limits of what is read from a registry, in bytes.
const (
	// MaxManifest bounds a manifest, an index and a config. The
	// distribution-spec asks registries to accept manifests up to 4 MiB.
	MaxManifest = 4 << 20
	maxToken    = 64 << 10
	maxError    = 64 << 10
)

// TooLargeError is returned while reading a response that is longer than its kind may
// be. The bytes read before must not be used.
type TooLargeError struct {
	What  string
	Limit int64
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%s is larger than the limit of %d bytes", e.What, e.Limit)
}

// bodyLimit limits responses by their kind. Blobs are limited by their descriptors, in
// store.
type bodyLimit struct{ next http.RoundTripper }

func (b *bodyLimit) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(req)
	if err != nil || req.Method == http.MethodHead {
		return resp, err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		// An error page that is too long loses its tail, never its status.
		resp.Body = &bodyWithPrefix{Reader: io.LimitReader(resp.Body, maxError), Closer: resp.Body}
	} else if limit := limitOf(req); limit != nil {
		resp.Body = &limitedBody{body: resp.Body, left: limit.Limit, err: limit}
	}
	return resp, nil
}

// limitOf returns the limit of the response to a request, nil for a blob, which has
// the size of its descriptor.
func limitOf(req *http.Request) *TooLargeError {
	switch {
	case isManifest(req):
		return &TooLargeError{"manifest", MaxManifest}
	case isList(req):
		return &TooLargeError{"page of a list", MaxManifest}
	case callOf(req.Context()).token:
		return &TooLargeError{"token response", maxToken}
	}
	return nil
}

// isManifest reports whether a manifest was requested, also after redirects.
func isManifest(req *http.Request) bool { return requestKind(req) == "manifests" }

// isList reports whether a page of tags or referrers was requested.
func isList(req *http.Request) bool {
	kind := requestKind(req)
	return kind == "tags" || kind == "referrers"
}

func requestKind(req *http.Request) (kind string) {
	_, kind = parsePath(firstRequest(req).URL.Path)
	return kind
}

// limitedBody is a body that fails once more than left bytes were read.
type limitedBody struct {
	body io.ReadCloser
	left int64
	err  error
}

func (c *limitedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.body.Read(p)
	if int64(n) > c.left {
		return 0, c.err
	}
	c.left -= int64(n)
	return n, err
}

func (c *limitedBody) Close() error { return c.body.Close() }
