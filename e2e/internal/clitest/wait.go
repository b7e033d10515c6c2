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

// StartLimit is how long a test waits until a program of others is ready, such as a
// registry or a browser. A busy machine may need that long, and the time says nothing
// about the product.
const StartLimit = time.Minute

// WaitFor waits until isSo returns true, and ends the test if that takes longer
// than WaitLimit. What names the event in the message.
func WaitFor(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	waitFor(t, WaitLimit, what, isSo)
}

// WaitForStart waits as WaitFor does until a program of others is ready, for StartLimit.
func WaitForStart(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	waitFor(t, StartLimit, what, isSo)
}

func waitFor(t *testing.T, limit time.Duration, what string, isSo func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !isSo(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after %v still not: %s", limit, what)
		}
	}
}
