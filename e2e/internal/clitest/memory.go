//go:build e2e

package clitest

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// MemoryLimit is how many KiB more than "version" a command may use to inspect
// a large index.
const MemoryLimit = 64 << 10

// LeastPeakMemory runs the binary up to three times, until a run uses no more
// than limit KiB of memory, and returns the peak and the result of the last
// run. If none does, the test fails. On a busy machine the garbage collector
// runs late, so that a single run may use more memory than the command needs.
func LeastPeakMemory(t *testing.T, limit int64, args ...string) (int64, Result) {
	t.Helper()
	for try := 1; ; try++ {
		used, done := PeakMemory(t, args...)
		if used <= limit {
			return used, done
		}
		t.Logf("run %d took %d KiB, the limit is %d", try, used, limit)
		if try == 3 {
			t.Errorf("no run of three got by with %d KiB", limit)
			return used, done
		}
	}
}

// PeakMemory runs the binary and returns the peak of its resident memory in
// KiB, and its result. It reads the peak while the process runs: the value that
// the kernel reports after the exit includes the memory of the test that
// started the process.
func PeakMemory(t *testing.T, args ...string) (int64, Result) {
	t.Helper()
	return PeakMemoryOf(t, Session{}, args...)
}

// PeakMemoryOf is PeakMemory in a session.
func PeakMemoryOf(t *testing.T, s Session, args ...string) (int64, Result) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := s.Command(t.Context(), t, Binary(), args...)
	c.Stdout, c.Stderr = &stdout, &stderr
	Must(t, c.Start())
	most, ended := make(chan int64, 1), make(chan struct{})
	go func() { most <- highWater(c.Process.Pid, ended) }()
	_ = c.Wait() // the caller looks at the exit code
	close(ended)
	return <-most, Result{Stdout: stdout.String(), Stderr: stderr.String(), Code: c.ProcessState.ExitCode()}
}

// highWater returns the peak of the resident memory of a process, which it
// reads until ended is closed.
func highWater(pid int, ended <-chan struct{}) (most int64) {
	line := regexp.MustCompile(`VmHWM:\s+(\d+) kB`)
	for {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if found := line.FindSubmatch(status); found != nil {
			now, _ := strconv.ParseInt(string(found[1]), 10, 64)
			most = max(most, now)
		}
		select {
		case <-ended:
			return most
		case <-time.After(time.Millisecond):
		}
	}
}
