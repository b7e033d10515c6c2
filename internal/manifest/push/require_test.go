package push

import (
	"errors"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
)

// An image whose entry is left out for that of an index, which has no platform, does not
// provide its platform.
func TestPush_RequiredPlatformIsLeftOut(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	image := manifesttest.PutImage(t, r.Host+"/app:amd64", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64)
	manifesttest.PutIndex(t, r.Host+"/app:bare", image)
	in := spec.Spec{Image: r.Host + "/app:1", Require: []string{"linux/amd64"}, Manifests: []spec.Source{{Image: r.Host + "/app:bare"}, {Image: r.Host + "/app:amd64"}}}
	_, _, err := pushed(t, in, Options{})
	var lacking *RequiredError
	if !errors.As(err, &lacking) {
		t.Errorf("error %v, want a RequiredError", err)
	}
}
