//go:build e2e

package e2e

import (
	"bytes"
	"os"
	"runtime"
	"testing"
	"time"
)

// TestAHostThatHangsIsLeft takes connections and says nothing. With --insecure
// too there is no other scheme to try; an interrupt ends the waiting.
func TestAHostThatHangsIsLeft(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot send an interrupt to one process")
	}
	p := startTunnel(t, silentHost(t))
	s := login(t, publicName)
	s.Env = append(s.Env, p.Env()...)
	var stderr bytes.Buffer
	cmd := s.Command(t.Context(), t, binaryPath(), "--insecure", "inspect", publicName+"/app:all")
	cmd.Stderr = &stderr
	must(t, cmd.Start())
	waitFor(t, "a connection was asked for", func() bool { return p.Connections() > 0 })
	time.Sleep(400 * time.Millisecond) // longer than the 300 ms after which others try http
	sent := time.Now()
	must(t, cmd.Process.Signal(os.Interrupt))
	_ = cmd.Wait() // the exit code is looked at below
	if took := time.Since(sent); took > soon || cmd.ProcessState.ExitCode() != 130 {
		t.Errorf("it ended with %d, %v after the interrupt\nstderr: %s", cmd.ProcessState.ExitCode(), took, stderr.String())
	}
	p.WantNoPlainHTTP(t)
}

// TestAHandshakeThatHangsEnds is the same without an interrupt: a handshake
// has ten seconds.
func TestAHandshakeThatHangsEnds(t *testing.T) {
	t.Parallel()
	p := startTunnel(t, silentHost(t))
	s := session{Env: p.Env()}
	began := time.Now()
	done := s.Run(t, "--insecure", "inspect", publicName+"/app:all")
	done.WantCode(t, 1)
	done.WantStderr(t, publicName, "timeout")
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
	p.WantNoPlainHTTP(t)
}

// silentHost takes connections and never says a word.
func silentHost(t *testing.T) string {
	t.Helper()
	listener := listen(t)
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
