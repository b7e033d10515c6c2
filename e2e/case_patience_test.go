//go:build e2e

package e2e

import (
	"net/http"
	"testing"
	"time"
)

// TestPatienceIsAskedFor has a request of each kind answered 429 once: it is
// made again after the second that was asked for, and nothing else is.
func TestPatienceIsAskedFor(t *testing.T) {
	t.Parallel()
	backend := startOpen(t)
	images := newImageSet(t, ociMedia(), "app")
	backend.putImagesApart(t, "src/app", images)
	tests := map[string]fault{
		"manifest": {method: http.MethodGet, kind: "manifest", nth: 2},
		"config":   {method: http.MethodGet, kind: "blob", nth: 1},
		"mount":    {method: http.MethodPost, kind: "upload", nth: 3},
		"child":    {method: http.MethodPut, kind: "manifest", nth: 1},
		"tag":      {method: http.MethodPut, kind: "manifest", nth: 4},
	}
	for name, one := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one.does = refuse(http.StatusTooManyRequests, "Retry-After", "1")
			f := (&recordingProxy{backend: backend, intercept: script(one)}).open(t)
			spec := specFile(t, f.host, images.spec("REGISTRY/"+name+":all", "REGISTRY/src/app-%s:1.0"))
			began := time.Now()
			images.wantPushed(t, manifestTool(t, "push", "from-spec", spec), repository{backend, name})
			if took := time.Since(began); took < time.Second || took > time.Second+soon {
				t.Errorf("the push took %v, want a second and a little", took)
			}
			f.seen.wantCount(t, 1, one.method, one.kind, http.StatusTooManyRequests)
			blobs := len(images.blobs())
			want := map[string]int{"manifest": 3, "config": 3, "mount": blobs, "child": 4, "tag": 4}[name]
			f.seen.wantCount(t, want+1, one.method, one.kind, 0)
		})
	}
}
