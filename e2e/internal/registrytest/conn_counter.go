//go:build e2e

package registrytest

import (
	"net"
	"net/http"
	"sync"
)

// ConnCounter counts the connections of a server.
type ConnCounter struct {
	mu                sync.Mutex
	total, open, most int
}

// watch is a server's ConnState.
func (c *ConnCounter) watch(_ net.Conn, state http.ConnState) {
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

// Count returns how many connections were opened in total, and how many were
// open at the same time at most.
func (c *ConnCounter) Count() (total, most int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.total, c.most
}
