//go:build e2e

package network

import (
	"net/http"
	"strconv"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestMountRefused costs one plain POST for each blob.
func TestMountRefused(t *testing.T) {
	t.Parallel()
	backend := registrytest.StartOpen(t)
	images := fixture.NewLargeImageSet(t, 4)
	backend.PutImagesApart(t, "src/app", images)
	blobs := len(images) * (fixture.LayersPerImage + 1)
	for _, status := range []int{200, 400, 401, 403, 404, 405, 409, 422, 500, 501} {
		for _, jobs := range []string{"0", "1"} {
			name := strconv.Itoa(status) + "-" + jobs
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				f := (&registrytest.RecordingProxy{Backend: backend, Intercept: func(w http.ResponseWriter, r *http.Request) bool {
					return r.URL.Query().Has("mount") && registrytest.Refuse(status)(w, r)
				}}).Open(t)
				spec := clitest.WriteSpec(t, f.Host, images.Spec("REGISTRY/"+name+":all", "REGISTRY/src/app-%s:1.0"))
				done := clitest.Run(t, "--jobs", jobs, "push", "from-spec", spec)
				images.WantPushed(t, done, backend.Repository(name))
				// The blobs of an image ask together, so all of them may be refused
				// before the first refusal is known.
				if refused := f.Seen.Count(http.MethodPost, "upload", status); refused < len(images) || refused > blobs {
					t.Errorf("%d mounts were refused, want %d to %d", refused, len(images), blobs)
				}
				f.Seen.WantCount(t, blobs, http.MethodPost, "upload", http.StatusAccepted)
				f.Seen.WantCount(t, blobs, http.MethodPut, "upload", http.StatusCreated)
			})
		}
	}
}

// TestMountRefusedOnce pushes two indexes, one after the other, from one
// source: the refusals of the first are enough for the second.
func TestMountRefusedOnce(t *testing.T) {
	t.Parallel()
	backend := registrytest.StartOpen(t)
	images := fixture.NewLargeImageSet(t, 2)
	backend.PutImages(t, "src/app", images)
	f := (&registrytest.RecordingProxy{Backend: backend, Intercept: func(w http.ResponseWriter, r *http.Request) bool {
		return r.URL.Query().Has("mount") && registrytest.Refuse(http.StatusForbidden)(w, r)
	}}).Open(t)
	spec := images[:1].Spec(f.Host+"/app:one", f.Host+"/src/app:%s") + "---\n" +
		images[1:].Spec(f.Host+"/app:two", f.Host+"/src/app:%s")
	done := clitest.Run(t, "push", "from-spec", "--fail-fast", clitest.WriteSpec(t, "", spec)) // not at once
	done.WantCode(t, 0)
	for i, pushed := range done.PushedDigests(t) {
		fixture.WantEntries(t, fixture.WantComplete(t, backend.Repository("app"), pushed), images[i].Image)
	}
	f.Seen.WantCount(t, 2*(fixture.LayersPerImage+1), http.MethodPost, "upload", http.StatusAccepted)
	if refused := f.Seen.Count(http.MethodPost, "upload", http.StatusForbidden); refused < 1 || refused > fixture.LayersPerImage+1 {
		t.Errorf("%d mounts were refused, want those of the first image at most", refused)
	}
}
