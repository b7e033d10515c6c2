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

// memoryLimit is how much more than to say its version it may take to inspect
// a large index, in KiB.
const MemoryLimit = 64 << 10

// leastPeak is peak for a run that must get by with so many KiB. On a busy
// machine the collector comes late, and more is there at once than is needed: so
// a run that took more is made again, up to three times in all.
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

// peak runs the binary and returns its peak of resident memory in KiB. What the
// kernel reports of a process that ended counts the memory of the test, which
// started it, so it is looked at while it runs.
func PeakMemory(t *testing.T, args ...string) (int64, Result) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := Session{}.Command(t.Context(), t, Binary(), args...)
	c.Stdout, c.Stderr = &stdout, &stderr
	Must(t, c.Start())
	most, ended := make(chan int64, 1), make(chan struct{})
	go func() { most <- highWater(c.Process.Pid, ended) }()
	_ = c.Wait() // the caller looks at the exit code
	close(ended)
	return <-most, Result{Stdout: stdout.String(), Stderr: stderr.String(), Code: c.ProcessState.ExitCode()}
}

// highWater watches the peak of resident memory of a process until it ended.
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
