//go:build e2e

package login

import (
	"net/http"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestCredentialsOfAnotherRegistry has one registry of a run lead to another
// one of the run, which would let the user in.
func TestCredentialsOfAnotherRegistry(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	secret, evil := registrytest.StartBasic(t), registrytest.StartOpen(t)
	secret.PutImages(t, "secret", images)
	evil.PutImages(t, "app", images)

	t.Run("by a redirect", func(t *testing.T) {
		t.Parallel()
		victim := (&registrytest.RecordingProxy{Backend: secret}).Open(t)
		lure := (&registrytest.RecordingProxy{Backend: evil, Intercept: func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "http://"+victim.Host+strings.Replace(r.URL.Path, "/app/", "/secret/", 1), http.StatusTemporaryRedirect)
			return true
		}}).Open(t)
		spec := clitest.WriteSpec(t, victim.Host, images.Spec("REGISTRY/copy:all", lure.Host+"/app:%s"))
		registrytest.WithLogin(t, victim.Host).Run(t, "push", "from-spec", spec).WantCode(t, 1)
		secret.WantAbsent(t, "copy", "all")
		wantNotSpent(t, victim, func(r registrytest.Request) bool { return r.Repo == "secret" })
	})
	t.Run("by the address of an upload", func(t *testing.T) {
		t.Parallel()
		victim := (&registrytest.RecordingProxy{Backend: secret}).Open(t)
		lure := (&registrytest.RecordingProxy{Backend: evil, Rewrite: func(resp *http.Response) {
			if resp.StatusCode == http.StatusAccepted {
				resp.Header.Set("Location", "http://"+victim.Host+"/v2/secret/blobs/uploads/1")
			}
		}}).Open(t)
		spec := clitest.WriteSpec(t, lure.Host, images.Spec("REGISTRY/copy:all", victim.Host+"/secret:%s"))
		registrytest.WithLogin(t, victim.Host).Run(t, "push", "from-spec", spec).WantCode(t, 1)
		evil.WantAbsent(t, "copy", "all")
		wantNotSpent(t, victim, func(r registrytest.Request) bool { return r.Kind == "upload" })
	})
}

// wantNotSpent fails the test unless the requests that a registry was led to
// came, and came without a credential.
func wantNotSpent(t *testing.T, victim *registrytest.RecordingProxy, led func(registrytest.Request) bool) {
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
