//go:build e2e

package network

import (
	"net/http"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestRetryAfter has a request of each kind answered 429 once: it is made again
// after the second that was asked for, and nothing else is.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	backend := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	backend.PutImagesApart(t, "src/app", images)
	tests := map[string]registrytest.Rule{
		"manifest": {Method: http.MethodGet, Kind: "manifest", Nth: 2},
		"config":   {Method: http.MethodGet, Kind: "blob", Nth: 1},
		"mount":    {Method: http.MethodPost, Kind: "upload", Nth: 3},
		"child":    {Method: http.MethodPut, Kind: "manifest", Nth: 1},
		"tag":      {Method: http.MethodPut, Kind: "manifest", Nth: 4},
	}
	for name, one := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one.Then = registrytest.Refuse(http.StatusTooManyRequests, "Retry-After", "1")
			f := (&registrytest.RecordingProxy{Backend: backend, Intercept: registrytest.Script(one)}).Open(t)
			spec := clitest.WriteSpec(t, f.Host, images.Spec("REGISTRY/"+name+":all", "REGISTRY/src/app-%s:1.0"))
			began := time.Now()
			images.WantPushed(t, clitest.Run(t, "push", "from-spec", spec), backend.Repository(name))
			if took := time.Since(began); took < time.Second || took > time.Second+clitest.WaitLimit {
				t.Errorf("the push took %v, want a second and a little", took)
			}
			f.Seen.WantCount(t, 1, one.Method, one.Kind, http.StatusTooManyRequests)
			blobs := len(images.Blobs())
			want := map[string]int{"manifest": 3, "config": 3, "mount": blobs, "child": 4, "tag": 4}[name]
			f.Seen.WantCount(t, want+1, one.Method, one.Kind, 0)
		})
	}
}
