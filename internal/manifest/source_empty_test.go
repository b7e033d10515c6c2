package manifest

import (
	"errors"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// TestAnIndexWithoutImagesIsNamed has sources that are indexes with nothing to
// push in them, alone and beside an image.
func TestAnIndexWithoutImagesIsNamed(t *testing.T) {
	from, to := startRegistry(t), startRegistry(t)
	a := on(image(t, from.host+"/src:a", ocispec.MediaTypeImageManifest, amd64), amd64)
	proof := attests(image(t, from.host+"/src:proof", ocispec.MediaTypeImageManifest, amd64), a)
	index(t, from.host+"/src:empty")
	index(t, from.host+"/src:proofs", proof)
	name := func(tag string) Source { return Source{Image: from.host + "/src:" + tag} }
	for what, c := range map[string]struct {
		sources []Source
		says    string
		pushed  bool
	}{
		"empty":           {[]Source{name("empty")}, "src:empty is an index without entries", false},
		"attestations":    {[]Source{name("proofs")}, "src:proofs is an index of attestations alone", false},
		"empty and gone":  {[]Source{name("gone"), name("empty")}, "src:empty is an index without entries", false},
		"gone":            {[]Source{name("gone")}, "due to missing source image references", false},
		"empty and image": {[]Source{name("empty"), name("a")}, "src:empty is an index without entries: it adds nothing", true},
	} {
		to.forget()
		in := Spec{Image: to.host + "/app:1", Manifests: c.sources}
		_, warned, err := pushed(t, in, PushOptions{IgnoreMissing: true})
		if c.pushed {
			if err != nil || !strings.Contains(strings.Join(warned, "\n"), c.says) {
				t.Errorf("%s: %v, warned %q", what, err, warned)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v", what, err)
		}
		var input *InputError
		if errors.As(err, &input) != (what != "gone") {
			t.Errorf("%s: an error of its own kind: %v", what, err)
		}
		to.wantUntouched(t)
	}
}
