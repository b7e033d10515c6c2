//go:build e2e

package push

import (
	"net/http"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestPushMissingSource holds that a source that is not there stops the push
// before anything is written, and that --ignore-missing leaves it out.
func TestPushMissingSource(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.Docker(), "app")
	open.PutImages(t, "app", images[:2])
	spec := images.Spec("REGISTRY/app:all", "REGISTRY/app:%s")

	t.Run("stops the push", func(t *testing.T) {
		g, seen := open.BehindProxy(t, nil)
		done := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, g.Host, spec))
		done.WantCode(t, 1)
		done.WantStderr(t, "manifest-tool failed with error: ", g.Host+"/app:armv7")
		clitest.WantText(t, "stdout", "", done.Stdout)
		seen.WantNoWrites(t)
		open.WantAbsent(t, "app", "all")
	})
	t.Run("is left out when asked", func(t *testing.T) {
		g, _ := open.BehindProxy(t, nil)
		done := clitest.Run(t, "push", "from-spec", "--ignore-missing", clitest.WriteSpec(t, g.Host, spec))
		printed := done.PushedDigest(t)
		done.WantStderr(t, "warning: ", g.Host+"/app:armv7")
		fixture.WantEntries(t, fixture.WantComplete(t, open.Repository("app"), printed), images[:2].Objects()...)
	})
	t.Run("leaves nothing when all are missing", func(t *testing.T) {
		g, seen := open.BehindProxy(t, nil)
		none := images.Spec("REGISTRY/none:all", "REGISTRY/none:%s")
		done := clitest.Run(t, "push", "--ignore-missing", "from-spec", clitest.WriteSpec(t, g.Host, none))
		if done.Code == 0 {
			t.Errorf("exit code 0, want a failure")
		}
		done.WantStderr(t, "all entries were skipped due to missing source image references; no manifest list to push")
		seen.WantNoWrites(t)
	})
}

// TestIgnoreMissingOnly404 answers one source with an error that is not "not
// found": the push fails as without the flag and writes nothing.
func TestIgnoreMissingOnly404(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.Docker(), "app")
	open.PutImages(t, "app", images)
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusInternalServerError} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			g, seen := open.BehindProxy(t, registrytest.RefuseManifests("app", "armv7", status))
			spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/app:all", "REGISTRY/app:%s"))
			done := clitest.Run(t, "push", "--ignore-missing", "from-spec", spec)
			done.WantCode(t, 1)
			done.WantStderr(t, "manifest-tool failed with error: ", g.Host+"/app:armv7")
			seen.WantNoWrites(t)
			open.WantAbsent(t, "app", "all")
		})
	}
}
