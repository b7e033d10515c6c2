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
	secret.PutImages(t, "secret", images)
	evil.PutImages(t, "app", images)

	t.Run("by a redirect", func(t *testing.T) {
		t.Parallel()
		victim := (&recordingProxy{Backend: secret}).Open(t)
		lure := (&recordingProxy{Backend: evil, Intercept: func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "http://"+victim.Host+strings.Replace(r.URL.Path, "/app/", "/secret/", 1), http.StatusTemporaryRedirect)
			return true
		}}).Open(t)
		spec := specFile(t, victim.Host, images.Spec("REGISTRY/copy:all", lure.Host+"/app:%s"))
		login(t, victim.Host).Run(t, "push", "from-spec", spec).WantCode(t, 1)
		secret.WantAbsent(t, "copy", "all")
		wantNotSpent(t, victim, func(r request) bool { return r.Repo == "secret" })
	})
	t.Run("by the address of an upload", func(t *testing.T) {
		t.Parallel()
		victim := (&recordingProxy{Backend: secret}).Open(t)
		lure := (&recordingProxy{Backend: evil, Rewrite: func(resp *http.Response) {
			if resp.StatusCode == http.StatusAccepted {
				resp.Header.Set("Location", "http://"+victim.Host+"/v2/secret/blobs/uploads/1")
			}
		}}).Open(t)
		spec := specFile(t, lure.Host, images.Spec("REGISTRY/copy:all", victim.Host+"/secret:%s"))
		login(t, victim.Host).Run(t, "push", "from-spec", spec).WantCode(t, 1)
		evil.WantAbsent(t, "copy", "all")
		wantNotSpent(t, victim, func(r request) bool { return r.Kind == "upload" })
	})
}

// wantNotSpent fails the test unless the requests that a registry was led to
// came, and came without a credential.
func wantNotSpent(t *testing.T, victim *recordingProxy, led func(request) bool) {
	t.Helper()
	all := victim.Seen.Matching(led)
	if len(all) == 0 {
		t.Error("nothing was led to the other registry")
	}
	for _, r := range all {
		if r.Header.Get("Authorization") != "" {
			t.Errorf("the credential was spent: %s %s, answered %d", r.Method, r.Path, r.Status)
		}
	}
}
