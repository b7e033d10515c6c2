package push

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/platform"
)

// TestPush_EntryAnnotations annotates the entries of an index source that BuildKit
// wrote: those of a platform over those of all, and attestations not at all.
func TestPush_EntryAnnotations(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	images, _ := built(t, r.Host+"/built")
	amd64, s390x := manifesttest.LinuxAMD64, manifesttest.Linux("s390x", "")
	in := func(annotations ...spec.EntryAnnotation) spec.Spec {
		return spec.Spec{
			Image: r.Host + "/app:1", Manifests: []spec.Source{{Image: r.Host + "/built:all"}}, EntryAnnotations: annotations,
		}
	}
	got, warnings, err := pushed(t, in(
		spec.EntryAnnotation{Platform: &amd64, Key: "a", Value: "amd64"},
		spec.EntryAnnotation{Key: "a", Value: "all"},
		spec.EntryAnnotation{Platform: &amd64, Key: "b", Value: "c"},
	), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Manifests) != 4 || slices.ContainsFunc(warnings, func(w string) bool { return strings.Contains(w, "annotation") }) {
		t.Errorf("%d entries, warnings %q", len(got.Manifests), warnings)
	}
	for i, want := range []map[string]string{{"a": "amd64", "b": "c"}, {"a": "all"}} {
		if diff := cmp.Diff(want, got.Manifests[i].Annotations); diff != "" || got.Manifests[i].Digest != images[i].Digest {
			t.Errorf("entry %d (-want +got):\n%s", i, diff)
		}
		if got.Manifests[i+2].Annotations["a"] != "" {
			t.Errorf("an attestation is annotated: %v", got.Manifests[i+2].Annotations)
		}
	}

	_, _, err = pushed(t, in(spec.EntryAnnotation{Platform: &s390x, Key: "a", Value: "b"}), Options{})
	if err == nil || err.Error() != `annotation "a" is for linux/s390x, and the index has no entry for it` ||
		errtext.ExitCode(err) != 2 || !strings.HasSuffix(errtext.Hint(err), "linux/amd64, linux/arm/v7") {
		t.Errorf("%v (%s)", err, errtext.Hint(err))
	}
}

// TestPush_IndexAndItsImages pushes what the file of ko lists: an index, whose entries
// have an artifactType of their own, and its images. They become one entry each, unless
// something is declared for one.
func TestPush_IndexAndItsImages(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	repository := r.Host + "/app"
	var entries []ocispec.Descriptor
	sources := []spec.Source{{Image: repository + ":all"}}
	for _, p := range []platform.Platform{manifesttest.LinuxAMD64, manifesttest.LinuxARMv7} {
		d := manifesttest.WithPlatform(manifesttest.PutImage(t, repository+":"+p.Architecture, ocispec.MediaTypeImageManifest, p), p)
		sources = append(sources, spec.Source{Image: repository + "@" + d.Digest.String()})
		d.ArtifactType = ocispec.MediaTypeImageConfig
		entries = append(entries, d)
	}
	manifesttest.PutIndex(t, repository+":all", entries...)
	for _, order := range [][]int{{0, 1, 2}, {1, 0, 2}} {
		in := spec.Spec{Image: repository + ":1"}
		for _, i := range order {
			in.Manifests = append(in.Manifests, sources[i])
		}
		got, warnings, err := pushed(t, in, Options{Strict: true})
		if diff := cmp.Diff(entries, got.Manifests); err != nil || diff != "" || len(warnings) > 0 {
			t.Errorf("order %v: %v, warnings %q (-want +got):\n%s", order, err, warnings, diff)
		}
	}
	sources[1].Annotations = map[string]string{"a": "b"}
	_, _, err := pushed(t, spec.Spec{Image: repository + ":1", Manifests: sources}, Options{})
	if err == nil || !strings.HasPrefix(errtext.Hint(err), "it is the same image twice") {
		t.Errorf("%v (%s)", err, errtext.Hint(err))
	}
}
