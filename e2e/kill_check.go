//go:build e2e

package e2e

import (
	"testing"

	"github.com/opencontainers/go-digest"
)

// wantConverged fails the test unless every tag names the new index, whole,
// and nothing that was being written is left.
func (k killCopy) wantConverged(t *testing.T, at killTarget, want digest.Digest) {
	t.Helper()
	for _, tag := range killTags() {
		if now := at.named(t, tag); now != want {
			t.Errorf("%s %s names %s, want %s", at.name, tag, now, want)
		}
	}
	wantComplete(t, at, want)
	if at.reg == nil {
		wantNothingTemporary(t, at.dir)
	}
}

// wantOldOrNew fails the test unless every tag names what it named before, or
// the new index, whole.
func (k killCopy) wantOldOrNew(t *testing.T, at killTarget, want digest.Digest, when string) {
	t.Helper()
	for i, tag := range killTags() {
		before := k.old.digest()
		if i == 2 {
			before = ""
		}
		switch now := at.named(t, tag); now {
		case before:
		case want:
			wantComplete(t, at, want)
		default:
			t.Errorf("%s: %s names %q, neither the old nor the new index", when, tag, now)
		}
	}
}
