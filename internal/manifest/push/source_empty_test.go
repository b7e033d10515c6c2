package push

import (
	"errors"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
)

// TestNewPlan_IndexWithoutImages has sources that are indexes with nothing to
// push in them, alone and beside an image.
func TestNewPlan_IndexWithoutImages(t *testing.T) {
	from, to := manifesttest.NewRegistry(t), manifesttest.NewRegistry(t)
	a := manifesttest.WithPlatform(manifesttest.PutImage(t, from.Host+"/src:a", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64), manifesttest.LinuxAMD64)
	proof := manifesttest.WithSubject(manifesttest.PutImage(t, from.Host+"/src:proof", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64), a)
	manifesttest.PutIndex(t, from.Host+"/src:empty")
	manifesttest.PutIndex(t, from.Host+"/src:proofs", proof)
	name := func(tag string) spec.Source { return spec.Source{Image: from.Host + "/src:" + tag} }
	for what, c := range map[string]struct {
		sources []spec.Source
		says    string
		pushed  bool
	}{
		"empty":           {[]spec.Source{name("empty")}, "src:empty is an index without entries", false},
		"attestations":    {[]spec.Source{name("proofs")}, "src:proofs is an index of attestations alone", false},
		"empty and gone":  {[]spec.Source{name("gone"), name("empty")}, "src:empty is an index without entries", false},
		"gone":            {[]spec.Source{name("gone")}, "due to missing source image references", false},
		"empty and image": {[]spec.Source{name("empty"), name("a")}, "src:empty is an index without entries: it adds nothing", true},
	} {
		to.ResetRequests()
		in := spec.Spec{Image: to.Host + "/app:1", Manifests: c.sources}
		_, warned, err := pushed(t, in, Options{IgnoreMissing: true})
		if c.pushed {
			if err != nil || !strings.Contains(strings.Join(warned, "\n"), c.says) {
				t.Errorf("%s: %v, warned %q", what, err, warned)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v", what, err)
		}
		var input *manifest.InputError
		if errors.As(err, &input) != (what != "gone") {
			t.Errorf("%s: an error of its own kind: %v", what, err)
		}
		to.AssertNoWrites(t)
	}
}
