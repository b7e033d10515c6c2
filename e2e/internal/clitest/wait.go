//go:build e2e

package clitest

import (
	"testing"
	"time"
)

// WaitLimit is how long a test waits for something that should happen at once.
// It is long because other tests may keep the machine busy, and shorter than
// the limits of the product (30 seconds for a response), so that a test still
// fails if one of those ends the wait.
const WaitLimit = 20 * time.Second

// WaitFor waits until isSo returns true, and ends the test if that takes longer
// than WaitLimit. What names the event in the message.
func WaitFor(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	for deadline := time.Now().Add(WaitLimit); !isSo(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after %v still not: %s", WaitLimit, what)
		}
	}
}
