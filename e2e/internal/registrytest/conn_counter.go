//go:build e2e

package registrytest

import (
	"net"
	"net/http"
	"sync"
)

// connCounter counts the connections of a server.
type ConnCounter struct {
	mu                sync.Mutex
	total, open, most int
}

// Watch is a server's ConnState.
func (c *ConnCounter) Watch(_ net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.total++
		c.open++
		c.most = max(c.most, c.open)
	case http.StateClosed, http.StateHijacked:
		c.open--
	}
}

// Count returns how many connections were opened, and how many were open at
// once at most.
func (c *ConnCounter) Count() (total, most int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.total, c.most
}
