//go:build e2e

package cli

import (
	"bytes"
	"net/http"
	"os"
	"runtime"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// TestInterrupt interrupts an inspect whose registry does not answer: it ends
// soon, with the exit code for it.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot send an interrupt to one process")
	}
	g, seen := registrytest.StartOpen(t).BehindProxy(t, func(_ http.ResponseWriter, r *http.Request) bool {
		<-r.Context().Done()
		return true
	})
	var stderr bytes.Buffer
	cmd := clitest.Session{}.Command(t.Context(), t, clitest.Binary(), "inspect", g.Host+"/app:one")
	cmd.Stderr = &stderr
	clitest.Must(t, cmd.Start())
	clitest.WaitFor(t, "a request came", func() bool { return len(seen.All()) > 0 })
	sent := time.Now()
	clitest.Must(t, cmd.Process.Signal(os.Interrupt))
	_ = cmd.Wait() // the exit code is looked at below
	if took := time.Since(sent); took > clitest.WaitLimit {
		t.Errorf("it ended %v after the interrupt", took)
	}
	if code := cmd.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit code %d, want 130\nstderr: %s", code, stderr.String())
	}
}
