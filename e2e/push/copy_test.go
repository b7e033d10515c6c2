//go:build e2e

package push

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestPushMountsFromOtherRepositories holds that nothing is streamed between
// two repositories of one registry: every blob is mounted, only configs, which
// tell the platform, are read.
func TestPushMountsFromOtherRepositories(t *testing.T) {
	t.Parallel()
	for name, family := range map[string]fixture.MediaTypes{"docker": fixture.Docker(), "oci": fixture.OCI()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			open := registrytest.StartOpen(t)
			images := fixture.NewImageSet(t, family, "app")
			open.PutImagesApart(t, "src/app", images)
			g, seen := open.BehindProxy(t, nil)
			spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/app:all", "REGISTRY/src/app-%s:1.0"))
			printed := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)

			fixture.WantEntries(t, fixture.WantComplete(t, open.Repository("app"), printed), images.Objects()...)
			wantMounted(t, seen, images)
		})
	}
}

// wantMounted fails the test unless each blob of the images was mounted once
// and no layer's bytes went over the wire.
func wantMounted(t *testing.T, seen *registrytest.Recorder, images fixture.ImageSet) {
	t.Helper()
	mounted, want := map[digest.Digest]int{}, map[digest.Digest]int{}
	blobs := images.Blobs()
	for d := range blobs {
		want[d] = 1
	}
	for _, r := range seen.Matching(func(r registrytest.Request) bool { return r.Kind == "upload" }) {
		d := digest.Digest(r.Query.Get("mount"))
		if r.Method != http.MethodPost || r.Status != http.StatusCreated || d == "" {
			t.Errorf("%s upload %s answered %d: want only mounts answered 201", r.Method, r.Query, r.Status)
		}
		mounted[d]++
	}
	if diff := cmp.Diff(want, mounted); diff != "" {
		t.Errorf("mounts (-want +got):\n%s", diff)
	}
	for _, r := range seen.Matching(func(r registrytest.Request) bool { return r.Kind == "blob" && r.Method == http.MethodGet }) {
		if config := blobs[digest.Digest(r.Ref)]; !config {
			t.Errorf("the layer %s was downloaded", r.Ref)
		}
	}
}

// TestPushStreamsWhenMountsAreRefused has the registry take no mount: it may
// open an upload instead, or refuse the request.
func TestPushStreamsWhenMountsAreRefused(t *testing.T) {
	t.Parallel()
	refusals := map[string]registrytest.Interceptor{
		"upload session instead": func(_ http.ResponseWriter, r *http.Request) bool {
			if r.URL.Query().Has("mount") {
				r.URL.RawQuery = ""
			}
			return false
		},
		"405": func(w http.ResponseWriter, r *http.Request) bool {
			if !r.URL.Query().Has("mount") {
				return false
			}
			http.Error(w, `{"errors":[{"code":"UNSUPPORTED","message":"no mounts"}]}`, http.StatusMethodNotAllowed)
			return true
		},
	}
	for name, refuse := range refusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			open := registrytest.StartOpen(t)
			images := fixture.NewImageSet(t, fixture.OCI(), "app")
			open.PutImagesApart(t, "src/app", images)
			g, _ := open.BehindProxy(t, refuse)
			spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/app:all", "REGISTRY/src/app-%s:1.0"))
			printed := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)
			fixture.WantEntries(t, fixture.WantComplete(t, open.Repository("app"), printed), images.Objects()...)
		})
	}
}

// TestPushCopiesFromAnotherRegistry streams each blob once and tells the
// target nothing about where it came from.
func TestPushCopiesFromAnotherRegistry(t *testing.T) {
	t.Parallel()
	sourceOpen, targetOpen := registrytest.StartOpen(t), registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.Docker(), "app")
	sourceOpen.PutImages(t, "src/app", images)
	source, read := sourceOpen.BehindProxy(t, nil)
	target, written := targetOpen.BehindProxy(t, nil)
	spec := clitest.WriteSpec(t, target.Host, images.Spec("REGISTRY/app:all", source.Host+"/src/app:%s"))
	printed := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)

	fixture.WantEntries(t, fixture.WantComplete(t, targetOpen.Repository("app"), printed), images.Objects()...)
	read.WantNoWrites(t)
	// A mount from the target itself only asks whether it has the blob.
	foreign := func(r registrytest.Request) bool {
		return r.Query.Has("origin") || r.Query.Has("from") && r.Query.Get("from") != r.Repo
	}
	for _, r := range written.Matching(foreign) {
		t.Errorf("the target was told about the source: %s %s?%s", r.Method, r.Kind, r.Query.Encode())
	}
	gets := map[string]int{}
	for _, r := range read.Matching(func(r registrytest.Request) bool { return r.Kind == "blob" && r.Method == http.MethodGet }) {
		gets[r.Ref]++
	}
	for d, config := range images.Blobs() {
		if n := gets[d.String()]; n != 1 && !config {
			t.Errorf("the layer %s was downloaded %d times, want once", d, n)
		}
	}
}
