package redis

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// silent starts a server that takes connections and commands and does not respond, until
// the test ends.
func silent(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			go func() { _, _ = io.Copy(io.Discard, conn) }()
		}
	}()
	return listener.Addr().String()
}

// TestASilentServerIsNotWaitedFor sends more commands than there are connections: some
// come behind another one that has no response either.
func TestASilentServerIsNotWaitedFor(t *testing.T) {
	s, err := Open(t.Context(), "redis://"+silent(t), "")
	if err != nil {
		t.Fatal(err)
	}
	const prompt = 20 * time.Second // on a busy machine
	start := time.Now()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, found, err := s.Get(t.Context(), "a"); err == nil || found {
				t.Errorf("found %t, error %v", found, err)
			}
		})
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		all.Wait()
	}()
	select {
	case <-done:
	case <-time.After(prompt):
		t.Fatalf("commands are still waited for after %v", time.Since(start))
	}
	if _, _, err := s.Lock(t.Context(), "a", time.Minute); err == nil {
		t.Error("a lock was acquired")
	}
}
