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
	if took := time.Since(begun); took > clitest.WaitLimit {
		t.Errorf("it took %v", took)
	}
	cmd := clitest.Session{}.Command(t.Context(), t, clitest.Binary(), "push", "from-spec", pipe)
	clitest.Must(t, cmd.Start())
	waitForReader(t, pipe)
	sent := time.Now()
	clitest.Must(t, cmd.Process.Signal(os.Interrupt))
	_ = cmd.Wait() // the exit code is looked at below
	if took, code := time.Since(sent), cmd.ProcessState.ExitCode(); took > clitest.WaitLimit || code != 130 {
		t.Errorf("exit code %d, %v after the interrupt", code, took)
	}
}

// waitForReader waits until a process has opened a pipe for reading. The pipe stays open
// for writing, so that the process waits for what is written.
func waitForReader(t *testing.T, pipe string) {
	t.Helper()
	var end *os.File
	clitest.WaitFor(t, "the spec is read", func() (isRead bool) {
		var err error
		end, err = os.OpenFile(pipe, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		return err == nil
	})
	t.Cleanup(func() { _ = end.Close() })
}
