package transport

import (
	"context"
	"net/http"
	"sync"
)

// heldRequest is a request that may get no connection. net/http then closes the body;
// here it stays open until the request was sent, so that the same body can be sent
// later.
type heldRequest struct {
	req *http.Request

	mu       sync.Mutex
	read     bool // part of the body
	closed   bool
	released bool
}

// with returns the request to send.
func (u *heldRequest) with(ctx context.Context) *http.Request {
	out := u.req.WithContext(ctx)
	if !isEmpty(u.req) {
		out.Body = &heldBody{u}
	}
	return out
}

// release closes the body if net/http has closed it, now or later.
func (u *heldRequest) release() {
	u.mu.Lock()
	u.released = true
	closed := u.closed
	u.mu.Unlock()
	if closed {
		_ = u.req.Body.Close() // an error of it came too late already
	}
}

// bodyStarted reports whether part of the body was read: net/http had sent the
// request, lost the connection, and got no other one.
func (u *heldRequest) bodyStarted() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.read
}

type heldBody struct{ of *heldRequest }

// Read reads from the body.
func (b *heldBody) Read(p []byte) (int, error) {
	b.of.mu.Lock()
	b.of.read = true
	b.of.mu.Unlock()
	return b.of.req.Body.Read(p)
}

// Close closes the body of a request that was sent.
func (b *heldBody) Close() error {
	b.of.mu.Lock()
	b.of.closed = true
	released := b.of.released
	b.of.mu.Unlock()
	if !released {
		return nil
	}
	return b.of.req.Body.Close()
}
