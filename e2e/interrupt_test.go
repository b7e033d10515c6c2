//go:build e2e

package e2e

import (
	"bytes"
	"net/http"
	"os"
	"runtime"
	"testing"
	"time"
)

// TestInterruptStopsAWaitingCommand interrupts an inspect whose registry does
// not answer: it ends soon, with the exit code for it.
func TestInterruptStopsAWaitingCommand(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot send an interrupt to one process")
	}
	g, seen := startOpen(t).BehindProxy(t, func(_ http.ResponseWriter, r *http.Request) bool {
		<-r.Context().Done()
		return true
	})
	var stderr bytes.Buffer
	cmd := session{}.Command(t.Context(), t, binaryPath(), "inspect", g.Host+"/app:one")
	cmd.Stderr = &stderr
	must(t, cmd.Start())
	waitFor(t, "a request came", func() bool { return len(seen.All()) > 0 })
	sent := time.Now()
	must(t, cmd.Process.Signal(os.Interrupt))
	_ = cmd.Wait() // the exit code is looked at below
	if took := time.Since(sent); took > soon {
		t.Errorf("it ended %v after the interrupt", took)
	}
	if code := cmd.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit code %d, want 130\nstderr: %s", code, stderr.String())
	}
}
