package server

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"sync"
)

// connections limits the connections of an http.Server: a new one beyond the limit
// closes the one that has been without a complete request for the longest time.
// Clients that only hold connections take them from each other, and not the
// descriptors that requests to registries need (fault 102).
type connections struct {
	limit int

	mu sync.Mutex
	// waiting has the connections whose request is not being answered, the oldest in
	// front; known all open ones, with their place there or nil.
	waiting *list.List
	known   map[net.Conn]*list.Element
}

// LimitConnections limits the connections of a server that is not running yet: to
// limit, and those whose request is being answered.
func LimitConnections(s *http.Server, limit int) {
	c := &connections{limit: limit, waiting: list.New(), known: map[net.Conn]*list.Element{}}
	s.ConnState = c.setState
	s.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, conn)
	}
	next := s.Handler
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, ok := r.Context().Value(connKey{}).(net.Conn); ok {
			c.setBusy(conn)
		}
		next.ServeHTTP(w, r)
	})
}

type connKey struct{}

// setBusy records that the request of a connection is being answered: net/http calls a
// connection active from the first byte on.
func (c *connections) setBusy(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.known[conn]; at != nil {
		c.waiting.Remove(at)
		c.known[conn] = nil
	}
}

// setState is an http.Server's ConnState.
func (c *connections) setState(conn net.Conn, state http.ConnState) {
	if oldest := c.record(conn, state); oldest != nil {
		_ = oldest.Close() // its state changes to closed
	}
}

// record returns the connection to close, if there are too many.
func (c *connections) record(conn net.Conn, state http.ConnState) net.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.known[conn]
	if at != nil && state != http.StateActive {
		c.waiting.Remove(at)
	}
	switch state {
	case http.StateNew, http.StateIdle:
		c.known[conn] = c.waiting.PushBack(conn)
	case http.StateHijacked, http.StateClosed:
		delete(c.known, conn)
	}
	if len(c.known) <= c.limit || c.waiting.Len() == 0 {
		return nil
	}
	oldest, _ := c.waiting.Remove(c.waiting.Front()).(net.Conn)
	delete(c.known, oldest)
	return oldest
}
