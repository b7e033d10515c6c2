//go:build e2e

package faults

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fault"
	"manifest-tool/e2e/internal/registrytest"
)

// TestKillAtEachRequest kills a copy when it sends its first request, its
// second, and so on to its last, each time into another target. A second run
// brings about what one run would have.
func TestKillAtEachRequest(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals to send")
	}
	source := registrytest.StartOpen(t)
	for name, target := range map[string]*registrytest.Registry{"registry": registrytest.StartOpen(t), "layout": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sweep(t, fault.NewCopyJob(t, source, target))
		})
	}
}

func sweep(t *testing.T, k fault.CopyJob) {
	t.Helper()
	complete := k.NewTarget(t, "kill/whole")
	watch := &fault.Killer{}
	want := watch.Run(t, k.Args(t, watch, complete)...).PushedDigest(t)
	k.WantConverged(t, complete, want)
	killed := 0
	for n := 1; n <= watch.Seen; n++ {
		at := k.NewTarget(t, fmt.Sprintf("kill/at%d", n))
		e := &fault.Killer{Nth: n, Signal: syscall.SIGKILL}
		first := e.Run(t, k.Args(t, e, at)...)
		if !first.Reached {
			t.Errorf("killed at %d of %d: that request was never sent\n%s", n, watch.Seen, first.Stderr)
			continue
		}
		k.WantOldOrNew(t, at, want, fmt.Sprintf("killed at %d", n))
		again := (&fault.Killer{}).Run(t, k.Args(t, &fault.Killer{}, at)...)
		if got := again.PushedDigest(t); got != want {
			t.Errorf("killed at %d: the second run pushed %s, want %s", n, got, want)
		}
		k.WantConverged(t, at, want)
		killed++
	}
	t.Logf("%d of %d second runs converged", killed, watch.Seen)
}

// TestInterruptAtRequest sends SIGINT and SIGTERM at some requests of a copy:
// it ends soon, with the exit code for it.
func TestInterruptAtRequest(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals to send")
	}
	k := fault.NewCopyJob(t, registrytest.StartOpen(t), registrytest.StartOpen(t))
	complete := k.NewTarget(t, "kill/whole")
	watch := &fault.Killer{}
	want := watch.Run(t, k.Args(t, watch, complete)...).PushedDigest(t)
	signals := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}
	for n := 1; n <= watch.Seen; n += 3 {
		signal := signals[n%2]
		name := fmt.Sprintf("%s at %d of %d", signal, n, watch.Seen)
		at := k.NewTarget(t, fmt.Sprintf("kill/at%d", n))
		e := &fault.Killer{Nth: n, Signal: signal}
		done := e.Run(t, k.Args(t, e, at)...)
		// Once a tag is written the run is partly done, and says which.
		partly := done.Code == 4 && n > watch.Seen-len(fault.CopyTags())
		if done.Code != 130 && !partly || done.Took > clitest.WaitLimit {
			t.Errorf("%s: exit code %d after %v\n%s", name, done.Code, done.Took, done.Stderr)
		}
		k.WantOldOrNew(t, at, want, name)
	}
}
