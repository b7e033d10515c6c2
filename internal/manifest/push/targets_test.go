package push

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
)

// A blob of another registry is read once for two repositories of one registry: the
// second gets it from the first.
func TestPush_SeveralTargets(t *testing.T) {
	from, to := manifesttest.NewRegistry(t), manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, from.Host+"/app:amd64", manifest.MediaTypeDockerImage, manifesttest.LinuxAMD64)
	to.ResetRequests()
	from.ResetRequests()
	in := spec.Spec{
		Image: to.Host + "/a:1", Tags: []string{"2"}, Targets: []string{to.Host + "/b", to.Host + "/a:3", from.Host + "/app:all"},
		Manifests: []spec.Source{{Image: from.Host + "/app:amd64"}},
	}
	if _, _, err := pushed(t, in, Options{}); err != nil {
		t.Fatal(err)
	}
	var tags []string
	for _, w := range to.Writes() {
		if name, ok := strings.CutPrefix(w, "PUT /v2/"); ok && strings.Contains(name, "/manifests/") && !strings.Contains(name, "sha256:") {
			tags = append(tags, name)
		}
	}
	slices.Sort(tags)
	want := []string{"a/manifests/1", "a/manifests/2", "a/manifests/3", "b/manifests/1", "b/manifests/2"}
	if !slices.Equal(tags, want) {
		t.Errorf("tags %q, want %q", tags, want)
	}
	reads := map[string]int{}
	for _, r := range from.Requests() {
		if strings.HasPrefix(r, "GET /v2/app/blobs/") {
			reads[r]++
		}
	}
	if len(reads) != 2 {
		t.Errorf("reads %v, want those of config and layer", reads)
	}
	for r, n := range reads {
		if n != 1 {
			t.Errorf("%d times %s", n, r)
		}
	}
}

func TestPush_SeveralTargetsOneFails(t *testing.T) {
	a, b := manifesttest.NewRegistry(t), manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, a.Host+"/app:amd64", manifest.MediaTypeDockerImage, manifesttest.LinuxAMD64)
	b.Fail("PUT /v2/app/manifests/1", http.StatusForbidden)
	_, _, err := pushed(t, spec.Spec{
		Image: a.Host + "/app:1", Targets: []string{b.Host + "/app"}, Manifests: []spec.Source{{Image: a.Host + "/app:amd64"}},
	}, Options{})
	partial, ok := err.(*PartialError) //nolint:errorlint // the very error is meant
	if !ok || !slices.Equal(partial.Written, []string{a.Host + "/app:1"}) || !slices.Equal(partial.Failed, []string{b.Host + "/app:1"}) {
		t.Errorf("error %v", err)
	}
}
