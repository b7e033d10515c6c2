//go:build e2e

package e2e

import (
	"net/http"
	"strconv"
	"testing"
)

// TestAMountThatIsRefused costs one plain POST for each blob.
func TestAMountThatIsRefused(t *testing.T) {
	t.Parallel()
	backend := startOpen(t)
	images := newLargeImageSet(t, 4)
	backend.PutImagesApart(t, "src/app", images)
	blobs := len(images) * (wideLayers + 1)
	for _, status := range []int{401, 403, 404, 405} {
		for _, jobs := range []string{"0", "1"} {
			name := strconv.Itoa(status) + "-" + jobs
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				f := (&recordingProxy{Backend: backend, Intercept: func(w http.ResponseWriter, r *http.Request) bool {
					return r.URL.Query().Has("mount") && refuse(status)(w, r)
				}}).Open(t)
				spec := specFile(t, f.Host, images.Spec("REGISTRY/"+name+":all", "REGISTRY/src/app-%s:1.0"))
				done := manifestTool(t, "--jobs", jobs, "push", "from-spec", spec)
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

// TestARefusedMountIsRemembered pushes two indexes, one after the other, from
// one source: the refusals of the first are enough for the second.
func TestARefusedMountIsRemembered(t *testing.T) {
	t.Parallel()
	backend := startOpen(t)
	images := newLargeImageSet(t, 2)
	backend.PutImages(t, "src/app", images)
	f := (&recordingProxy{Backend: backend, Intercept: func(w http.ResponseWriter, r *http.Request) bool {
		return r.URL.Query().Has("mount") && refuse(http.StatusForbidden)(w, r)
	}}).Open(t)
	spec := images[:1].Spec(f.Host+"/app:one", f.Host+"/src/app:%s") + "---\n" +
		images[1:].Spec(f.Host+"/app:two", f.Host+"/src/app:%s")
	done := manifestTool(t, "push", "from-spec", specFile(t, "", spec))
	done.WantCode(t, 0)
	for i, pushed := range done.PushedDigests(t) {
		wantEntries(t, wantComplete(t, backend.Repository("app"), pushed), images[i].Image)
	}
	f.Seen.WantCount(t, 2*(wideLayers+1), http.MethodPost, "upload", http.StatusAccepted)
	if refused := f.Seen.Count(http.MethodPost, "upload", http.StatusForbidden); refused < 1 || refused > wideLayers+1 {
		t.Errorf("%d mounts were refused, want those of the first image at most", refused)
	}
}
