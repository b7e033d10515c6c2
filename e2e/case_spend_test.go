//go:build e2e

package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// TestARegistryCannotSpendAnothersCredentials has one registry of a run lead
// to another one of the run, which would let the user in.
func TestARegistryCannotSpendAnothersCredentials(t *testing.T) {
	t.Parallel()
	images := newImageSet(t, ociMedia(), "app")
	secret, evil := startPassword(t), startOpen(t)
	secret.putImages(t, "secret", images)
	evil.putImages(t, "app", images)

	t.Run("by a redirect", func(t *testing.T) {
		t.Parallel()
		victim := (&recordingProxy{backend: secret}).open(t)
		lure := (&recordingProxy{backend: evil, intercept: func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "http://"+victim.host+strings.Replace(r.URL.Path, "/app/", "/secret/", 1), http.StatusTemporaryRedirect)
			return true
		}}).open(t)
		spec := specFile(t, victim.host, images.spec("REGISTRY/copy:all", lure.host+"/app:%s"))
		login(t, victim.host).manifestTool(t, "push", "from-spec", spec).wantCode(t, 1)
		secret.wantAbsent(t, "copy", "all")
		wantNotSpent(t, victim, func(r request) bool { return r.repo == "secret" })
	})
	t.Run("by the address of an upload", func(t *testing.T) {
		t.Parallel()
		victim := (&recordingProxy{backend: secret}).open(t)
		lure := (&recordingProxy{backend: evil, rewrite: func(resp *http.Response) {
			if resp.StatusCode == http.StatusAccepted {
				resp.Header.Set("Location", "http://"+victim.host+"/v2/secret/blobs/uploads/1")
			}
		}}).open(t)
		spec := specFile(t, lure.host, images.spec("REGISTRY/copy:all", victim.host+"/secret:%s"))
		login(t, victim.host).manifestTool(t, "push", "from-spec", spec).wantCode(t, 1)
		evil.wantAbsent(t, "copy", "all")
		wantNotSpent(t, victim, func(r request) bool { return r.kind == "upload" })
	})
}

// wantNotSpent fails the test unless the requests that a registry was led to
// came, and came without a credential.
func wantNotSpent(t *testing.T, victim *recordingProxy, led func(request) bool) {
	t.Helper()
	all := victim.seen.matching(led)
	if len(all) == 0 {
		t.Error("nothing was led to the other registry")
	}
	for _, r := range all {
		if r.header.Get("Authorization") != "" {
			t.Errorf("the credential was spent: %s %s, answered %d", r.method, r.path, r.status)
		}
	}
}
