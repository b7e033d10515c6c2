//go:build e2e

package network

import (
	"bytes"
	"os"
	"runtime"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// TestUnresponsiveHost takes connections and says nothing. With --insecure too
// there is no other scheme to try; an interrupt ends the waiting.
func TestUnresponsiveHost(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot send an interrupt to one process")
	}
	p := registrytest.StartForwardProxy(t, silentHost(t))
	s := registrytest.WithLogin(t, registrytest.PublicName)
	s.Env = append(s.Env, p.Env()...)
	var stderr bytes.Buffer
	cmd := s.Command(t.Context(), t, clitest.Binary(), "--insecure", "inspect", registrytest.PublicName+"/app:all")
	cmd.Stderr = &stderr
	clitest.Must(t, cmd.Start())
	clitest.WaitFor(t, "a connection was asked for", func() bool { return p.Connections() > 0 })
	time.Sleep(400 * time.Millisecond) // longer than the 300 ms after which others try http
	sent := time.Now()
	clitest.Must(t, cmd.Process.Signal(os.Interrupt))
	_ = cmd.Wait() // the exit code is looked at below
	if took := time.Since(sent); took > clitest.WaitLimit || cmd.ProcessState.ExitCode() != 130 {
		t.Errorf("it ended with %d, %v after the interrupt\nstderr: %s", cmd.ProcessState.ExitCode(), took, stderr.String())
	}
	p.WantNoPlainHTTP(t)
}

// TestUnresponsiveHandshake is the same without an interrupt: a handshake has
// ten seconds.
func TestUnresponsiveHandshake(t *testing.T) {
	t.Parallel()
	p := registrytest.StartForwardProxy(t, silentHost(t))
	s := clitest.Session{Env: p.Env()}
	began := time.Now()
	done := s.Run(t, "--insecure", "inspect", registrytest.PublicName+"/app:all")
	done.WantCode(t, 1)
	done.WantStderr(t, registrytest.PublicName, "timeout")
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
	p.WantNoPlainHTTP(t)
}

// silentHost takes connections and never says a word.
func silentHost(t *testing.T) string {
	t.Helper()
	listener := registrytest.Listen(t)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
		}
	}()
	return listener.Addr().String()
}
