//go:build e2e

package network

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// mountFrom has the registry look for what is mounted in another repository
// than it was asked to, or, with none, take no notice of the mount.
func mountFrom(repo string) registrytest.Interceptor {
	return func(_ http.ResponseWriter, r *http.Request) bool {
		if query := r.URL.Query(); query.Has("mount") {
			query.Set("from", repo)
			if repo == "" {
				query = nil
			}
			r.URL.RawQuery = query.Encode()
		}
		return false
	}
}

// TestMountNotGranted is answered 202 in every way: the session in the answer
// is used, and no other one is opened.
func TestMountNotGranted(t *testing.T) {
	t.Parallel()
	backend := registrytest.StartOpen(t)
	images := fixture.NewLargeImageSet(t, 4)
	backend.PutImagesApart(t, "src/app", images)
	relative := func(at *url.URL) string { return at.RequestURI() }
	absolute := func(at *url.URL) string { return at.String() }
	tests := map[string]struct {
		answer registrytest.Interceptor
		shape  func(*url.URL) string
	}{
		"relative": {mountFrom("nobody/here"), relative},
		"absolute": {mountFrom("nobody/here"), absolute},
		"ignored":  {mountFrom(""), absolute},
	}
	for name, test := range tests {
		for _, jobs := range []string{"0", "1"} {
			t.Run(name+", jobs "+jobs, func(t *testing.T) {
				t.Parallel()
				opened := &sessions{given: map[string]bool{}, shape: test.shape}
				f := (&registrytest.RecordingProxy{Backend: backend, Intercept: test.answer, Rewrite: opened.note}).Open(t)
				repo := name + "-" + jobs
				spec := clitest.WriteSpec(t, f.Host, images.Spec("REGISTRY/"+repo+":all", "REGISTRY/src/app-%s:1.0"))
				done := clitest.Run(t, "--jobs", jobs, "push", "from-spec", spec)
				images.WantPushed(t, done, backend.Repository(repo))

				blobs := len(images) * (fixture.LayersPerImage + 1)
				f.Seen.WantCount(t, blobs, http.MethodPost, "upload", 0)
				f.Seen.WantCount(t, blobs, http.MethodPost, "upload", http.StatusAccepted)
				f.Seen.WantCount(t, blobs, http.MethodPut, "upload", http.StatusCreated)
				used := map[string]bool{}
				for _, r := range f.Seen.Matching(func(r registrytest.Request) bool { return r.Method == http.MethodPut && r.Kind == "upload" }) {
					used[r.Ref] = true
				}
				if diff := cmp.Diff(opened.given, used); diff != "" {
					t.Errorf("sessions (-given +used):\n%s", diff)
				}
			})
		}
	}
}

// sessions notes the upload sessions a registry opens and gives their
// addresses a shape.
type sessions struct {
	shape func(*url.URL) string
	mu    sync.Mutex
	given map[string]bool
}

func (s *sessions) note(resp *http.Response) {
	at, err := resp.Location()
	if err != nil || resp.StatusCode != http.StatusAccepted {
		return
	}
	// The registry was asked under the front's name.
	at.Host = resp.Request.Host
	_, _, ref := registrytest.SplitPath(at.Path)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.given[ref] = true
	resp.Header.Set("Location", s.shape(at))
}

// TestMountGranted moves no layer.
func TestMountGranted(t *testing.T) {
	t.Parallel()
	backend := registrytest.StartOpen(t)
	images := fixture.NewLargeImageSet(t, 4)
	backend.PutImagesApart(t, "src/app", images)
	f := (&registrytest.RecordingProxy{Backend: backend}).Open(t)
	spec := clitest.WriteSpec(t, f.Host, images.Spec("REGISTRY/app:all", "REGISTRY/src/app-%s:1.0"))
	images.WantPushed(t, clitest.Run(t, "push", "from-spec", spec), backend.Repository("app"))
	f.Seen.WantCount(t, len(images)*(fixture.LayersPerImage+1), http.MethodPost, "upload", http.StatusCreated)
	f.Seen.WantCount(t, 0, http.MethodPut, "upload", 0)
	f.Seen.WantCount(t, len(images), http.MethodGet, "blob", 0) // the configs
}

// TestMountWithinRegistryOnly pushes from the target's registry and from
// another one: what is named in from is in the registry that is asked.
func TestMountWithinRegistryOnly(t *testing.T) {
	t.Parallel()
	here, elsewhere := registrytest.StartOpen(t), registrytest.StartOpen(t)
	images := fixture.NewLargeImageSet(t, 6)
	near, far := images[:3], images[3:]
	here.PutImagesApart(t, "near/app", near)
	elsewhere.PutImagesApart(t, "far/app", far)
	f := (&registrytest.RecordingProxy{Backend: here}).Open(t)
	spec := near.Spec(f.Host+"/app:all", f.Host+"/near/app-%s:1.0")
	for _, one := range far {
		spec += "  - image: " + elsewhere.Host + "/far/app-" + one.Tag + ":1.0\n"
	}
	images.WantPushed(t, clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, "", spec)), here.Repository("app"))
	for _, r := range f.Seen.All() {
		if from := r.Query.Get("from"); from != "" && from != "app" && !strings.HasPrefix(from, "near/") || r.Query.Has("origin") {
			t.Errorf("the target was told of a repository of another registry: %s %v", r.Path, r.Query)
		}
	}
}
