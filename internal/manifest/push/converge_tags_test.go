package push

import (
	"net/http"
	"sync/atomic"
	"testing"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
)

// Another job that replaces a further tag alone is noticed as well.
func TestConverge_FurtherTags(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, r.Host+"/app:amd64", manifest.MediaTypeDockerImage, manifesttest.LinuxAMD64)
	manifesttest.PutImage(t, r.Host+"/app:arm", manifest.MediaTypeDockerImage, manifesttest.LinuxARMv7)
	var looks atomic.Int32
	r.Observe(func(req *http.Request) {
		if req.Method == http.MethodHead && req.URL.Path == "/v2/app/manifests/latest" && looks.Add(1) == 1 { // after the push
			manifesttest.PutImage(t, r.Host+"/app:latest", manifest.MediaTypeDockerImage, manifesttest.LinuxARMv7)
		}
	})
	in := spec.Spec{Image: r.Host + "/app:1", Tags: []string{"latest"}, Manifests: []spec.Source{{Image: r.Host + "/app:amd64"}, {Image: r.Host + "/app:arm"}}}
	if _, _, err := pushed(t, in, Options{Converge: true, IgnoreMissing: true, Note: func(string) {}}); err != nil {
		t.Fatal(err)
	}
	if one, latest := readDigest(t, r.Host+"/app:1"), readDigest(t, r.Host+"/app:latest"); one != latest || looks.Load() < 2 {
		t.Errorf("the tag 1 names %s, latest %s, which was looked at %d times", one, latest, looks.Load())
	}
}
