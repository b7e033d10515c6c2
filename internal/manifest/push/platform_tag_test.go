package push

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
)

// If some tags are written and some are not, the error lists both, whether they are
// those of the index or of its images.
func TestPush_PlatformTagsInPart(t *testing.T) {
	template, err := ParsePlatformTags("{{.Tag}}-{{.Arch}}")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		refused         string
		written, failed []string
	}{
		{"1-arm", []string{"1-amd64"}, []string{"1", "1-arm"}},
		{"1", []string{"1-amd64", "1-arm"}, []string{"1"}},
	} {
		r := manifesttest.NewRegistry(t)
		manifesttest.PutImage(t, r.Host+"/app:amd64", manifest.MediaTypeDockerImage, manifesttest.LinuxAMD64)
		manifesttest.PutImage(t, r.Host+"/app:arm", manifest.MediaTypeDockerImage, manifesttest.LinuxARMv7)
		r.Fail("PUT /v2/all/manifests/"+c.refused, http.StatusForbidden)
		in := spec.Spec{Image: r.Host + "/all:1", Manifests: []spec.Source{{Image: r.Host + "/app:amd64"}, {Image: r.Host + "/app:arm"}}}
		var results []Result
		err := pushSpecs(t.Context(), manifesttest.NewStore(t), []spec.Spec{in}, Options{PlatformTags: template}, func(r Result) error {
			results = append(results, r)
			return nil
		})
		var partial *PartialError
		if !errors.As(err, &partial) || !slices.Equal(partial.Written, c.written) || !slices.Equal(partial.Failed, c.failed) {
			t.Errorf("%s is refused: error %v", c.refused, err)
		}
		if len(results) != 1 || !results[0].Failed() || len(results[0].PlatformTags) != 2 {
			t.Errorf("%s is refused: results %+v", c.refused, results)
		}
	}
}

// A layout that does not exist yet has no versions.
func TestPush_FloatingInNewLayout(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, r.Host+"/app:amd64", manifest.MediaTypeDockerImage, manifesttest.LinuxAMD64)
	for _, dir := range []string{t.TempDir() + "/new", t.TempDir()} {
		in := spec.Spec{Image: "oci-layout://" + dir + ":1.4.2", Manifests: []spec.Source{{Image: r.Host + "/app:amd64"}}}
		var tags []string
		err := pushSpecs(t.Context(), manifesttest.NewStore(t), []spec.Spec{in}, Options{Floating: []Floating{FloatingMinor, FloatingLatest}}, func(r Result) error {
			for _, tag := range r.Tags {
				tags = append(tags, tag.Tag)
			}
			return nil
		})
		if want := []string{"1.4.2", "1.4", "latest"}; err != nil || !slices.Equal(tags, want) {
			t.Errorf("tags %q, error %v; want %q", tags, err, want)
		}
	}
}

// A plan that would only tag images is not unchanged.
func TestPlanAll_PlatformTagsAreLookedUp(t *testing.T) {
	template, err := ParsePlatformTags("{{.Tag}}-{{.Arch}}")
	if err != nil {
		t.Fatal(err)
	}
	r := manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, r.Host+"/app:amd64", manifest.MediaTypeDockerImage, manifesttest.LinuxAMD64)
	in := []spec.Spec{{Image: r.Host + "/all:1", Manifests: []spec.Source{{Image: r.Host + "/app:amd64"}}}}
	for i, tagged := range []Options{{}, {PlatformTags: template}} {
		if err := pushSpecs(t.Context(), manifesttest.NewStore(t), in, tagged, func(Result) error { return nil }); err != nil {
			t.Fatal(err)
		}
		requests, err := NewRequests(in)
		if err != nil {
			t.Fatal(err)
		}
		err = PlanAll(t.Context(), manifesttest.NewStore(t), requests, Options{PlatformTags: template}, func(p PlanResult) error {
			tag := p.Targets[0].PlatformTags[0]
			if done := i == 1; p.Unchanged != done || (tag.Current == tag.Planned) != done {
				t.Errorf("push %d: unchanged %v, tag %+v", i, p.Unchanged, tag)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
