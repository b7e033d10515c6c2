//go:build e2e

package e2e

import (
	"net/http"
	"testing"
)

// TestPushWithASourceMissing holds that a source that is not there stops the
// push before anything is written, and that --ignore-missing leaves it out.
func TestPushWithASourceMissing(t *testing.T) {
	t.Parallel()
	open := startOpen(t)
	images := newImageSet(t, dockerMedia(), "app")
	open.putImages(t, "app", images[:2])
	spec := images.spec("REGISTRY/app:all", "REGISTRY/app:%s")

	t.Run("stops the push", func(t *testing.T) {
		g, seen := open.behind(t, nil)
		done := manifestTool(t, "push", "from-spec", specFile(t, g.host, spec))
		done.wantCode(t, 1)
		done.wantStderr(t, "manifest-tool failed with error: ", g.host+"/app:armv7")
		wantText(t, "stdout", "", done.stdout)
		seen.wantNoWrites(t)
		open.wantAbsent(t, "app", "all")
	})
	t.Run("is left out when asked", func(t *testing.T) {
		g, _ := open.behind(t, nil)
		done := manifestTool(t, "push", "from-spec", "--ignore-missing", specFile(t, g.host, spec))
		printed := done.pushed(t)
		done.wantStderr(t, "warning: ", g.host+"/app:armv7")
		wantEntries(t, wantComplete(t, repository{open, "app"}, printed), images[:2].images()...)
	})
	t.Run("leaves nothing when all are missing", func(t *testing.T) {
		g, seen := open.behind(t, nil)
		none := images.spec("REGISTRY/none:all", "REGISTRY/none:%s")
		done := manifestTool(t, "push", "--ignore-missing", "from-spec", specFile(t, g.host, none))
		if done.code == 0 {
			t.Errorf("exit code 0, want a failure")
		}
		done.wantStderr(t, "all entries were skipped due to missing source image references; no manifest list to push")
		seen.wantNoWrites(t)
	})
}

// TestIgnoreMissingHidesNothingElse answers one source with an error that is
// not "not found": the push fails as without the flag and writes nothing.
func TestIgnoreMissingHidesNothingElse(t *testing.T) {
	t.Parallel()
	open := startOpen(t)
	images := newImageSet(t, dockerMedia(), "app")
	open.putImages(t, "app", images)
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusInternalServerError} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			g, seen := open.behind(t, refuseManifests("app", "armv7", status))
			spec := specFile(t, g.host, images.spec("REGISTRY/app:all", "REGISTRY/app:%s"))
			done := manifestTool(t, "push", "--ignore-missing", "from-spec", spec)
			done.wantCode(t, 1)
			done.wantStderr(t, "manifest-tool failed with error: ", g.host+"/app:armv7")
			seen.wantNoWrites(t)
			open.wantAbsent(t, "app", "all")
		})
	}
}
