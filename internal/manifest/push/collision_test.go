package push

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
)

// A tag that two indexes of a run would set is bad input, also if it is known only
// after their sources are read: which of them had it would be a matter of chance.
func TestAll_TagsCollide(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, r.Host+"/app:amd64", manifest.MediaTypeDockerImage, manifesttest.LinuxAMD64)
	perImage, err := ParsePlatformTags("{{.Tag}}-{{.Arch}}")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name          string
		first, second spec.Spec
		o             Options
		tag           string // "" if they do not collide
	}{
		{"the tag of an image", spec.Spec{Image: "1"}, spec.Spec{Image: "1-amd64"}, Options{PlatformTags: perImage}, "1-amd64"},
		{"different tags of an image", spec.Spec{Image: "1"}, spec.Spec{Image: "2"}, Options{PlatformTags: perImage}, ""},
		{"a floating tag", spec.Spec{Image: "1.4.2"}, spec.Spec{Image: "1.3.0", Tags: []string{"latest"}}, Options{Floating: []Floating{FloatingLatest}}, "latest"},
		{"one version", spec.Spec{Image: "1.4.2"}, spec.Spec{Image: "v1.4.2"}, Options{Floating: []Floating{FloatingLatest}}, "latest"},
		{"two versions", spec.Spec{Image: "1.4.2"}, spec.Spec{Image: "1.3.0"}, Options{Floating: []Floating{FloatingLatest}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			repository := r.Host + "/" + strings.ReplaceAll(c.name, " ", "-")
			for _, s := range []*spec.Spec{&c.first, &c.second} {
				s.Image, s.Manifests = repository+":"+s.Image, []spec.Source{{Image: r.Host + "/app:amd64"}}
			}
			c.o.Note = func(string) {}
			r.ResetRequests()
			requests, err := NewRequests([]spec.Spec{c.first, c.second})
			if err != nil {
				t.Fatal(err)
			}
			pushing := All(t.Context(), manifesttest.NewStore(t), requests, c.o, func([]Result) error { return nil })
			planning := PlanAll(context.Background(), manifesttest.NewStore(t), requests, c.o, func(PlanResult) error { return nil })
			var bad *manifest.InputError
			for what, err := range map[string]error{"push": pushing, "dry run": planning} {
				switch {
				case c.tag == "" && err != nil:
					t.Errorf("%s: %v", what, err)
				case c.tag != "" && (!errors.As(err, &bad) || !strings.Contains(err.Error(), repository+":"+c.tag)):
					t.Errorf("%s: error %v, want bad input that names %s", what, err, c.tag)
				}
			}
			if c.tag != "" {
				r.AssertNoWrites(t)
			}
		})
	}
}

// With FailFast nothing is written if a target does not respond.
func TestAll_FailFastLooksAtTargets(t *testing.T) {
	good, bad := manifesttest.NewRegistry(t), manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, good.Host+"/app:amd64", manifest.MediaTypeDockerImage, manifesttest.LinuxAMD64)
	for _, method := range []string{"HEAD", "GET"} {
		bad.Fail(method+" /v2/app/manifests/1", http.StatusForbidden)
	}
	good.ResetRequests()
	var specs []spec.Spec
	for _, host := range []string{good.Host, bad.Host} {
		specs = append(specs, spec.Spec{Image: fmt.Sprintf("%s/app:1", host), Manifests: []spec.Source{{Image: good.Host + "/app:amd64"}}})
	}
	err := pushSpecs(t.Context(), manifesttest.NewStore(t), specs, Options{FailFast: true}, func(Result) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "looking at "+bad.Host+"/app:1 before anything is written") {
		t.Errorf("error %v", err)
	}
	good.AssertNoWrites(t)
	bad.AssertNoWrites(t)
}
