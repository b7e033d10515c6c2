//go:build e2e

package clitest

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"syscall"
	"testing"
)

// FreePort returns a port of this machine, for IPv4 and IPv6, that no program listens at.
// It is for programs that cannot select one, or cannot say which. It is below the ports
// that systems select: those of the many servers and connections of other tests.
func FreePort(t *testing.T) string {
	t.Helper()
	for range 1000 {
		port := strconv.Itoa(10000 + rand.IntN(20000))
		if isFree(t, net.JoinHostPort("127.0.0.1", port)) && isFree(t, net.JoinHostPort("::1", port)) {
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// isFree reports whether no program listens at an address. It is so, too, if the system
// does not have the address, as one without IPv6.
func isFree(t *testing.T, address string) bool {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err == nil {
		Must(t, listener.Close())
	}
	return !errors.Is(err, syscall.EADDRINUSE)
}
