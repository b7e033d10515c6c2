//go:build e2e

package assemble

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestSeveralTargets pushes one index to two repositories of one registry, to another
// registry and to a layout. Each blob is uploaded once to each registry, and mounted
// for the second repository.
func TestSeveralTargets(t *testing.T) {
	t.Parallel()
	from, to := registrytest.StartOpen(t), registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	from.PutImages(t, "src", images)
	front := (&registrytest.RecordingProxy{Backend: to}).Open(t)
	layout := fixture.Layout(filepath.Join(t.TempDir(), "new"))
	spec := clitest.WriteSpec(t, front.Host, "tags: [latest]\ntargets: [REGISTRY/b, REGISTRY/a:x, "+from.Host+"/all:1, 'oci-layout://"+string(layout)+":1']\n"+
		images.Spec("REGISTRY/a:1", from.Host+"/src:%s"))
	done := clitest.Run(t, "push", "from-spec", spec)
	printed := done.PushedDigest(t)

	for repo, tags := range map[string][]string{"a": {"1", "latest", "x"}, "b": {"1", "latest"}} {
		for _, tag := range tags {
			stored, _ := to.Manifest(t, repo, tag)
			clitest.WantText(t, repo+":"+tag, printed.String(), stored.Digest.String())
		}
		fixture.WantEntries(t, fixture.WantComplete(t, to.Repository(repo), printed), images.Objects()...)
	}
	fixture.WantComplete(t, from.Repository("all"), printed)
	fixture.WantComplete(t, layout, printed)
	uploads, mounts := map[string]int{}, 0
	for _, r := range front.Seen.Matching(registrytest.Request.IsWrite) {
		switch {
		case r.Method == http.MethodPut && r.Kind == "upload":
			uploads[r.Query.Get("digest")]++
		case r.Method == http.MethodPost && r.Query.Get("from") == "a" && r.Repo == "b" && r.Status == http.StatusCreated:
			mounts++
		}
	}
	blobs := images.Blobs()
	if len(uploads) != len(blobs) || mounts != len(blobs) {
		t.Errorf("%d blobs: %d were uploaded, %d mounted", len(blobs), len(uploads), mounts)
	}
	for d, n := range uploads {
		if n != 1 {
			t.Errorf("%s was uploaded %d times", d, n)
		}
	}
}

// TestOneTargetFails: the others are written, the exit code is 4, and each tag is named
// with its repository.
func TestOneTargetFails(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	broken := (&registrytest.RecordingProxy{Backend: g, Intercept: registrytest.RefuseManifests("app", "1", http.StatusForbidden)}).Open(t)
	spec := clitest.WriteSpec(t, g.Host, "targets: ["+broken.Host+"/app:1, REGISTRY/other:1]\n"+images.Spec("REGISTRY/app:2", "REGISTRY/app:%s"))
	done := clitest.Run(t, "push", "from-spec", "-o", "json", spec)
	done.WantCode(t, 4)
	for _, line := range []string{g.Host + "/app:2 written", g.Host + "/other:1 written", broken.Host + "/app:1 not written: "} {
		if !strings.Contains(strings.Join(strings.Fields(done.Stderr), " "), line) {
			t.Errorf("%s is not in stderr: %s", line, done.Stderr)
		}
	}
	results := json.NewDecoder(strings.NewReader(done.Stdout))
	n := 0
	for results.More() {
		var one struct{ Ref, Digest string }
		clitest.Must(t, results.Decode(&one))
		n++
	}
	if n != 3 {
		t.Errorf("%d results, want one for each target:\n%s", n, done.Stdout)
	}
}
