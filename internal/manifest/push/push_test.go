package push

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// pushSpecs parses specs and pushes them. done is called with the result of each target.
func pushSpecs(ctx context.Context, w manifest.Writer, specs []spec.Spec, o Options, done func(Result) error) error {
	requests, err := NewRequests(specs)
	if err != nil {
		return err
	}
	return All(ctx, w, requests, o, func(results []Result) error {
		for _, r := range results {
			if err := done(r); err != nil {
				return err
			}
		}
		return nil
	})
}

// pushed pushes one in and returns the index as it is stored, the warnings
// and the error.
func pushed(t *testing.T, in spec.Spec, o Options) (ocispec.Index, []string, error) {
	t.Helper()
	var warnings []string
	o.Warn = func(w string) { warnings = append(warnings, w) }
	if o.Type == "" {
		o.Type = TypeAuto
	}
	s := manifesttest.NewStore(t)
	err := pushSpecs(context.Background(), s, []spec.Spec{in}, o, func(Result) error { return nil })
	if err != nil {
		return ocispec.Index{}, warnings, err
	}
	target, err := reference.Parse(in.Image)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Get(context.Background(), target)
	if err != nil {
		t.Fatal(err)
	}
	index, err := manifest.ParseIndex(got.Raw)
	if err != nil {
		t.Fatal(err)
	}
	return index, warnings, nil
}

func TestPush_PlatformFields(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	src := r.Host + "/app:armv7"
	manifesttest.PutImage(t, src, manifest.MediaTypeDockerImage, manifesttest.LinuxARMv7)
	for _, c := range []struct {
		name     string
		declared ocispec.Platform
		want     ocispec.Platform
		warnings int
	}{
		{"all open", ocispec.Platform{}, manifesttest.LinuxARMv7, 0},
		{"only the os declared", ocispec.Platform{OS: "linux"}, manifesttest.LinuxARMv7, 0},
		{"another architecture takes no variant", manifesttest.LinuxAMD64, manifesttest.LinuxAMD64, 1},
		{"another variant", ocispec.Platform{OS: "linux", Architecture: "arm", Variant: "v6"}, ocispec.Platform{OS: "linux", Architecture: "arm", Variant: "v6"}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := spec.Spec{Image: r.Host + "/app:all", Manifests: []spec.Source{{Image: src, Platform: c.declared}}}
			index, warnings, err := pushed(t, in, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&c.want, index.Manifests[0].Platform); diff != "" {
				t.Errorf("platform (-want +got):\n%s", diff)
			}
			if len(warnings) != c.warnings {
				t.Errorf("warnings: %q", warnings)
			}
		})
	}
}

func TestPush_IndexType(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, r.Host+"/app:docker", manifest.MediaTypeDockerImage, manifesttest.LinuxAMD64)
	manifesttest.PutImage(t, r.Host+"/app:oci", ocispec.MediaTypeImageManifest, manifesttest.LinuxARMv7)
	docker, oci := spec.Source{Image: r.Host + "/app:docker"}, spec.Source{Image: r.Host + "/app:oci"}
	note := map[string]string{"a": "b"}
	for _, c := range []struct {
		name        string
		kind        IndexType
		sources     []spec.Source
		annotations map[string]string
		want        string
	}{
		{"Docker images", TypeAuto, []spec.Source{docker}, nil, manifest.MediaTypeDockerList},
		{"one OCI image among them", TypeAuto, []spec.Source{docker, oci}, nil, ocispec.MediaTypeImageIndex},
		{"annotations", TypeAuto, []spec.Source{docker}, note, ocispec.MediaTypeImageIndex},
		{"forced to docker", TypeDocker, []spec.Source{oci}, nil, manifest.MediaTypeDockerList},
		{"forced to oci", TypeOCI, []spec.Source{docker}, nil, ocispec.MediaTypeImageIndex},
	} {
		t.Run(c.name, func(t *testing.T) {
			index, _, err := pushed(t, spec.Spec{Image: r.Host + "/app:all", Annotations: c.annotations, Manifests: c.sources}, Options{Type: c.kind})
			if err != nil {
				t.Fatal(err)
			}
			if index.MediaType != c.want {
				t.Errorf("got %s, want %s", index.MediaType, c.want)
			}
		})
	}
}

func TestPush_Invalid(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, r.Host+"/src:amd64", manifest.MediaTypeDockerImage, manifesttest.LinuxAMD64)
	manifesttest.PutImage(t, r.Host+"/src:armv7", manifest.MediaTypeDockerImage, manifesttest.LinuxARMv7)
	manifesttest.PutImage(t, r.Host+"/src:plan9", manifest.MediaTypeDockerImage, ocispec.Platform{OS: "linux", Architecture: "z80"})
	r.Fail("GET /v2/src/manifests/locked", http.StatusUnauthorized)
	src := func(tag string) spec.Source { return spec.Source{Image: r.Host + "/src:" + tag} }
	target := r.Host + "/app:1"
	input := &manifest.InputError{}
	for _, c := range []struct {
		name    string
		in      spec.Spec
		options Options
		want    any // an error type to be found, or a sentinel
		message string
	}{
		{"target without a tag", spec.Spec{Image: r.Host + "/app", Manifests: []spec.Source{src("amd64")}}, Options{}, &input, "with a tag"},
		{"target by digest", spec.Spec{Image: target + "@sha256:" + strings.Repeat("a", 64), Manifests: []spec.Source{src("amd64")}}, Options{}, &input, "with a tag"},
		{"full name in a layout, and tags", spec.Spec{Image: "oci-layout://layout:example.com/app:1", Tags: []string{"x"}, Manifests: []spec.Source{src("amd64")}}, Options{}, &input, "with a tag"},
		{"no manifests", spec.Spec{Image: target}, Options{}, &input, "no manifests"},
		{"source without a tag", spec.Spec{Image: target, Manifests: []spec.Source{{Image: r.Host + "/src"}}}, Options{}, &input, "must include a tag"},
		{
			"one platform twice",
			spec.Spec{Image: target, Manifests: []spec.Source{src("amd64"), {Image: r.Host + "/src:armv7", Platform: manifesttest.LinuxAMD64}}},
			Options{},
			&input,
			"): " + r.Host + "/src:amd64 and " + r.Host + "/src:armv7 are both for linux/amd64",
		},
		{"one image twice with other annotations", spec.Spec{Image: target, Manifests: []spec.Source{src("amd64"), {Image: r.Host + "/src:amd64", Annotations: map[string]string{"a": "b"}}}}, Options{}, &input, "are both for linux/amd64"},
		{"one platform in two spellings", spec.Spec{Image: target, Manifests: []spec.Source{src("armv7"), {Image: r.Host + "/src:amd64", Platform: ocispec.Platform{OS: "linux", Architecture: "arm"}}}}, Options{}, &input, "cannot include two manifests with the same platform"},
		{"unknown architecture", spec.Spec{Image: target, Manifests: []spec.Source{src("plan9")}}, Options{}, &input, "linux/z80/"},
		{"contradiction, strict", spec.Spec{Image: target, Manifests: []spec.Source{{Image: r.Host + "/src:armv7", Platform: manifesttest.LinuxAMD64}}}, Options{Strict: true}, &input, "is declared as"},
		{"annotations on a Docker list", spec.Spec{Image: target, Annotations: map[string]string{"a": "b"}, Manifests: []spec.Source{src("amd64")}}, Options{Type: TypeDocker}, &input, "does not support annotations"},
		{"missing source", spec.Spec{Image: target, Manifests: []spec.Source{src("amd64"), src("gone")}}, Options{}, store.ErrNotFound, "src:gone"},
		{"all missing", spec.Spec{Image: target, Manifests: []spec.Source{src("gone")}}, Options{IgnoreMissing: true}, errAllMissing, "all entries were skipped"},
		{"unauthorized source is not missing", spec.Spec{Image: target, Manifests: []spec.Source{src("amd64"), src("locked")}}, Options{IgnoreMissing: true}, store.ErrUnauthorized, "src:locked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.ResetRequests()
			_, _, err := pushed(t, c.in, c.options)
			if err == nil || !strings.Contains(err.Error(), c.message) {
				t.Fatalf("error %v, want %q in it", err, c.message)
			}
			if sentinel, ok := c.want.(error); ok && !errors.Is(err, sentinel) {
				t.Errorf("error %v is not %v", err, sentinel)
			}
			if c.want == any(&input) && !errors.As(err, &input) {
				t.Errorf("error %v is no InputError", err)
			}
			if w := r.Writes(); len(w) > 0 {
				t.Errorf("it wrote: %q", w)
			}
		})
	}
}

func TestPush_FailedTag(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, r.Host+"/app:amd64", manifest.MediaTypeDockerImage, manifesttest.LinuxAMD64)
	r.Fail("PUT /v2/app/manifests/2", http.StatusForbidden)
	_, _, err := pushed(t, spec.Spec{
		Image: r.Host + "/app:1", Tags: []string{"2", "3"},
		Manifests: []spec.Source{{Image: r.Host + "/app:amd64"}},
	}, Options{})
	var partial *PartialError
	if !errors.As(err, &partial) {
		t.Fatalf("error %v, want a PartialError", err)
	}
	if diff := cmp.Diff([][]string{{"1", "3"}, {"2"}}, [][]string{partial.Written, partial.Failed}); diff != "" {
		t.Error(diff)
	}
	if !errors.Is(err, store.ErrDenied) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestAll_LaterPlanFails(t *testing.T) {
	for _, failFast := range []bool{false, true} {
		r := manifesttest.NewRegistry(t)
		manifesttest.PutImage(t, r.Host+"/app:amd64", manifest.MediaTypeDockerImage, manifesttest.LinuxAMD64)
		r.ResetRequests()
		good := spec.Spec{Image: r.Host + "/app:1", Manifests: []spec.Source{{Image: r.Host + "/app:amd64"}}}
		bad := spec.Spec{Image: r.Host + "/app:2", Manifests: []spec.Source{{Image: r.Host + "/app:gone"}}}
		err := pushSpecs(context.Background(), manifesttest.NewStore(t), []spec.Spec{bad, good},
			Options{Type: TypeAuto, FailFast: failFast, Warn: func(string) {}}, func(Result) error { return nil })
		var partly *RunError
		if !errors.As(err, &partly) || !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("fail fast %v: error %v, want a RunError for what is not found", failFast, err)
		}
		if partly.Outcomes[0].Err == nil || partly.Outcomes[1].Written == failFast {
			t.Errorf("fail fast %v: outcomes %+v", failFast, partly.Outcomes)
		}
		if w := r.Writes(); (len(w) == 0) != failFast {
			t.Errorf("fail fast %v: it wrote %q", failFast, w)
		}
	}
}

// A dry run counts the indexes that cannot be pushed, not all that it did not push.
func TestPlanAll_OneFails(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, r.Host+"/app:amd64", manifest.MediaTypeDockerImage, manifesttest.LinuxAMD64)
	var specs []spec.Spec
	for tag, source := range []string{"amd64", "gone", "amd64"} {
		specs = append(specs, spec.Spec{Image: fmt.Sprintf("%s/app:%d", r.Host, tag), Manifests: []spec.Source{{Image: r.Host + "/app:" + source}}})
	}
	requests, err := NewRequests(specs)
	if err != nil {
		t.Fatal(err)
	}
	err = PlanAll(t.Context(), manifesttest.NewStore(t), requests, Options{}, func(PlanResult) error { return nil })
	var partly *RunError
	if !errors.As(err, &partly) || !strings.HasPrefix(err.Error(), "1 of 3 indexes cannot be pushed: ") || partly.ExitCode() == exitPartial {
		t.Fatalf("error %v", err)
	}
	for i, o := range partly.Outcomes {
		if o.Planned != (i != 1) || o.Written {
			t.Errorf("outcome %d: %+v", i, o)
		}
	}
}

// TestPush_ArtifactWithoutPlatform is about one that a in names for an
// image.
func TestPush_ArtifactWithoutPlatform(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	s := manifesttest.NewStore(t)
	ref, err := reference.Parse(r.Host + "/src:sbom")
	if err != nil {
		t.Fatal(err)
	}
	s.Announce(ref, true)
	config := manifesttest.PutBlob(t, s, ref, ocispec.MediaTypeEmptyJSON, []byte("{}"))
	manifesttest.PutManifest(t, s, ref, ocispec.MediaTypeImageManifest, manifesttest.EncodeJSON(t, ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		ArtifactType: "application/vnd.example.sbom", Config: config, Layers: []ocispec.Descriptor{config},
	}))
	_, _, err = pushed(t, spec.Spec{Image: r.Host + "/app:1", Manifests: []spec.Source{{Image: ref.String()}}}, Options{})
	var bad *manifest.InputError
	if !errors.As(err, &bad) || !strings.Contains(bad.HintText, `it is an artifact of type "application/vnd.example.sbom"`) {
		t.Errorf("error %v", err)
	}
}
