//go:build e2e

package clitest

import (
	"testing"
	"time"
)

// soon is how long a test gives what should happen at once. It is long because
// other tests may keep the machine busy, and shorter than the limits of the
// product (30 seconds for an answer), so that what is ended by one of these
// still fails a test.
const WaitLimit = 20 * time.Second

// waitFor waits until isSo, and fails the test if that is not soon. What names
// the thing that did not happen.
func WaitFor(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	for deadline := time.Now().Add(WaitLimit); !isSo(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after %v still not: %s", WaitLimit, what)
		}
	}
}
