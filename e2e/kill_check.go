//go:build e2e

package e2e

import (
	"testing"

	"github.com/opencontainers/go-digest"
)

// WantConverged fails the test unless every tag names the new index, whole,
// and nothing that was being written is left.
func (k killCopy) WantConverged(t *testing.T, at killTarget, want digest.Digest) {
	t.Helper()
	for _, tag := range killTags() {
		if now := at.LookupTag(t, tag); now != want {
			t.Errorf("%s %s names %s, want %s", at.Name, tag, now, want)
		}
	}
	wantComplete(t, at, want)
	if at.Registry == nil {
		wantNothingTemporary(t, at.Layout)
	}
}

// WantOldOrNew fails the test unless every tag names what it named before, or
// the new index, whole.
func (k killCopy) WantOldOrNew(t *testing.T, at killTarget, want digest.Digest, when string) {
	t.Helper()
	for i, tag := range killTags() {
		before := k.Old.Digest()
		if i == 2 {
			before = ""
		}
		switch now := at.LookupTag(t, tag); now {
		case before:
		case want:
			wantComplete(t, at, want)
		default:
			t.Errorf("%s: %s names %q, neither the old nor the new index", when, tag, now)
		}
	}
}
