package push

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
)

// Of an index of which some platforms are taken, the other images need not exist. The
// attestation of an image with entries for two platforms is taken with one of them.
func TestPush_PlatformsOfIndex(t *testing.T) {
	from, to := manifesttest.NewRegistry(t), manifesttest.NewRegistry(t)
	image := manifesttest.PutImage(t, from.Host+"/src:a", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64)
	v6, v7 := manifesttest.WithPlatform(image, ocispec.Platform{OS: "linux", Architecture: "arm", Variant: "v6"}), manifesttest.WithPlatform(image, manifesttest.LinuxARMv7)
	attestation := manifesttest.WithSubject(manifesttest.PutImage(t, from.Host+"/src:at", ocispec.MediaTypeImageManifest, ocispec.Platform{}), image)
	absent := manifesttest.WithPlatform(manifesttest.PutImage(t, from.Host+"/src:b", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64), manifesttest.LinuxAMD64)
	manifesttest.PutIndex(t, from.Host+"/src:all", absent, v6, v7, attestation)
	from.Fail("GET /v2/src/manifests/"+absent.Digest.String(), http.StatusNotFound)
	in := spec.Spec{Image: to.Host + "/app:1", Manifests: []spec.Source{{Image: from.Host + "/src:all", Platforms: []string{"linux/arm/v7"}}}}
	got, warnings, err := pushed(t, in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(digests([]ocispec.Descriptor{v7, attestation}), digests(got.Manifests)); diff != "" {
		t.Error(diff)
	}
	if len(warnings) > 0 {
		t.Errorf("warnings: %q", warnings)
	}
}
