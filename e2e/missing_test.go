//go:build e2e

package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// TestPushWithASourceMissing holds that a source that is not there stops the
// push before anything is written, and that --ignore-missing leaves it out.
func TestPushWithASourceMissing(t *testing.T) {
	t.Parallel()
	open := startOpen(t)
	images := newImageSet(t, dockerMedia(), "app")
	images[:2].put(t, open, "app")
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
	images.put(t, open, "app")
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

// refuseManifests answers reads of one manifest with the status.
func refuseManifests(repo, ref string, status int) interceptor {
	return func(w http.ResponseWriter, r *http.Request) bool {
		at, kind, name := splitPath(r.URL.Path)
		if at != repo || kind != "manifest" || name != ref {
			return false
		}
		if status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Basic realm="closed"`)
		}
		http.Error(w, `{"errors":[{"code":"REFUSED","message":"refused by the test"}]}`, status)
		return true
	}
}

// TestInspectShowsAMissingChild deletes one child of an index: the rest is
// shown, and the exit code says that something is missing.
func TestInspectShowsAMissingChild(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	images := newImageSet(t, dockerMedia(), "app")
	index := newIndex(t, dockerMedia(), images.images()...)
	g.put(t, "app", "all", index)
	gone := images[1].image
	g.deleteManifest(t, "app", gone.digest())

	done := manifestTool(t, "inspect", g.host+"/app:all")
	done.wantCode(t, 3)
	wantLines(t, done.stdout,
		"Digest: "+index.digest().String(),
		" * Contains 3 manifest references (3 images, 0 attestation):",
		"[1] # Layers: 2",
		"[2]   Digest: "+gone.digest().String(),
		"[2]    -    Arch: arm64",
		"[2] # Layers: unknown, the manifest is missing",
		"[3] # Layers: 3")
	if n := strings.Count(done.stdout, "missing"); n != 1 {
		t.Errorf("%d lines speak of something missing, want 1:\n%s", n, done.stdout)
	}
	for args, says := range map[string]string{
		"--platform linux/arm64":             "manifest-tool: 1 of 3 entries of ",
		"--platform linux/arm64 --raw-bytes": "manifest-tool: reading entry " + gone.digest().String(),
	} {
		done := manifestTool(t, append([]string{"inspect", g.host + "/app:all"}, strings.Fields(args)...)...)
		done.wantCode(t, 3)
		done.wantStderr(t, says)
		if strings.Contains(args, "--raw-bytes") {
			wantText(t, "stdout of "+args, "", done.stdout)
		}
	}
}
