//go:build e2e

package e2e

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
)

// TestKilledAtEveryRequestASecondRunConverges kills a copy when it sends its
// first request, its second, and so on to its last, each time into another
// target. A second run brings about what one run would have.
func TestKilledAtEveryRequestASecondRunConverges(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals to send")
	}
	source := startOpen(t)
	for name, target := range map[string]*registry{"registry": startOpen(t), "layout": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sweep(t, newKillCopy(t, source, target))
		})
	}
}

func sweep(t *testing.T, k killCopy) {
	t.Helper()
	whole := k.fresh(t, "kill/whole")
	watch := &killer{}
	want := watch.run(t, k.args(t, watch, whole)...).pushed(t)
	k.wantConverged(t, whole, want)
	killed := 0
	for n := 1; n <= watch.seen; n++ {
		at := k.fresh(t, fmt.Sprintf("kill/at%d", n))
		e := &killer{nth: n, signal: syscall.SIGKILL}
		first := e.run(t, k.args(t, e, at)...)
		if !first.reached {
			t.Errorf("killed at %d of %d: that request was never sent\n%s", n, watch.seen, first.stderr)
			continue
		}
		k.wantOldOrNew(t, at, want, fmt.Sprintf("killed at %d", n))
		again := (&killer{}).run(t, k.args(t, &killer{}, at)...)
		if got := again.pushed(t); got != want {
			t.Errorf("killed at %d: the second run pushed %s, want %s", n, got, want)
		}
		k.wantConverged(t, at, want)
		killed++
	}
	t.Logf("%d of %d second runs converged", killed, watch.seen)
}

// TestInterruptedAtARequestTagsAreOldOrNew sends SIGINT and SIGTERM at some
// requests of a copy: it ends soon, with the exit code for it.
func TestInterruptedAtARequestTagsAreOldOrNew(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals to send")
	}
	k := newKillCopy(t, startOpen(t), startOpen(t))
	whole := k.fresh(t, "kill/whole")
	watch := &killer{}
	want := watch.run(t, k.args(t, watch, whole)...).pushed(t)
	signals := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}
	for n := 1; n <= watch.seen; n += 3 {
		signal := signals[n%2]
		name := fmt.Sprintf("%s at %d of %d", signal, n, watch.seen)
		at := k.fresh(t, fmt.Sprintf("kill/at%d", n))
		e := &killer{nth: n, signal: signal}
		done := e.run(t, k.args(t, e, at)...)
		// Once a tag is written the run is partly done, and says which.
		partly := done.code == 4 && n > watch.seen-len(killTags())
		if done.code != 130 && !partly || done.took > soon {
			t.Errorf("%s: exit code %d after %v\n%s", name, done.code, done.took, done.stderr)
		}
		k.wantOldOrNew(t, at, want, name)
	}
}
