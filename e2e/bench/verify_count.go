//go:build e2e

package main

import (
	"io"
	"net"
	"sync/atomic"
)

// counter is a way to a server that counts the bytes that come from it,
// headers too.
type counter struct {
	host     string
	listener net.Listener
	came     atomic.Int64
}

// countTo opens a port of 127.0.0.1 that leads to another.
func countTo(host string) (*counter, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &counter{host: listener.Addr().String(), listener: listener}
	go func() { // ends with close
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			go c.join(near, host)
		}
	}()
	return c, nil
}

func (c *counter) join(near net.Conn, host string) {
	defer near.Close()
	far, err := net.Dial("tcp", host)
	if err != nil {
		return
	}
	defer far.Close()
	go func() {
		_, _ = io.Copy(far, near) // the client has ended
		_ = far.Close()
	}()
	_, _ = io.Copy(near, io.TeeReader(far, c))
}

// Write counts.
func (c *counter) Write(p []byte) (int, error) {
	c.came.Add(int64(len(p)))
	return len(p), nil
}

func (c *counter) sum() int64 { return c.came.Load() }

func (c *counter) close() { _ = c.listener.Close() }
