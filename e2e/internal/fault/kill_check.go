//go:build e2e

package fault

import (
	"testing"

	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/fixture"
)

// WantConverged fails the test unless each tag names the complete new index and
// no temporary file is left.
func (k CopyJob) WantConverged(t *testing.T, at CopyTarget, want digest.Digest) {
	t.Helper()
	for _, tag := range CopyTags() {
		if now := at.LookupTag(t, tag); now != want {
			t.Errorf("%s %s names %s, want %s", at.Name, tag, now, want)
		}
	}
	fixture.WantComplete(t, at, want)
	if at.Registry == nil {
		fixture.WantNoTemporaryFiles(t, at.Layout)
	}
}

// WantOldOrNew fails the test unless each tag names what it named before, or
// the complete new index. When describes the run in the message.
func (k CopyJob) WantOldOrNew(t *testing.T, at CopyTarget, want digest.Digest, when string) {
	t.Helper()
	for i, tag := range CopyTags() {
		before := k.Old.Digest()
		if i == 2 {
			before = ""
		}
		switch now := at.LookupTag(t, tag); now {
		case before:
		case want:
			fixture.WantComplete(t, at, want)
		default:
			t.Errorf("%s: %s names %q, neither the old nor the new index", when, tag, now)
		}
	}
}
