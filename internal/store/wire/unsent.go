package wire

import (
	"context"
	"io"
	"net/http"
	"sync"
)

// unsent is a request that may find no connection. net/http closes the body
// then; here it stays open until it is known that the request was sent, so that
// the same body can be sent later.
type unsent struct {
	req *http.Request

	mu       sync.Mutex
	closed   bool
	released bool
}

// attempt returns the request to be sent.
func (u *unsent) attempt(ctx context.Context) *http.Request {
	out := u.req.WithContext(ctx)
	if !isEmpty(u.req) {
		out.Body = &unsentBody{u.req.Body, u}
	}
	return out
}

// release lets the body be closed, from now on or as it was meanwhile.
func (u *unsent) release() {
	u.mu.Lock()
	u.released = true
	closed := u.closed
	u.mu.Unlock()
	if closed {
		_ = u.req.Body.Close() // an error of it came too late already
	}
}

type unsentBody struct {
	io.Reader
	of *unsent
}

// Close closes the body of a request that was sent.
func (b *unsentBody) Close() error {
	b.of.mu.Lock()
	b.of.closed = true
	released := b.of.released
	b.of.mu.Unlock()
	if !released {
		return nil
	}
	return b.of.req.Body.Close()
}
