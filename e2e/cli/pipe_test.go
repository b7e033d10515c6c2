//go:build e2e && unix

package cli

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
)

// TestSpecFromPipe has a pipe for its file: the timeout ends the run, and so
// does an interrupt.
func TestSpecFromPipe(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	clitest.Must(t, syscall.Mkfifo(pipe, 0o600))
	begun := time.Now()
	done := clitest.Run(t, "push", "--timeout", "300ms", "from-spec", pipe)
	done.WantCode(t, 1)
	done.WantStderr(t, "longer than its timeout of 300ms")
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	cmd := clitest.Session{}.Command(t.Context(), t, clitest.Binary(), "push", "from-spec", pipe)
	clitest.Must(t, cmd.Start())
	time.Sleep(500 * time.Millisecond)
	sent := time.Now()
	clitest.Must(t, cmd.Process.Signal(os.Interrupt))
	_ = cmd.Wait() // the exit code is looked at below
	if took, code := time.Since(sent), cmd.ProcessState.ExitCode(); took > 2*time.Second || code != 130 {
		t.Errorf("exit code %d, %v after the interrupt", code, took)
	}
}
