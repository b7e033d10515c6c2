package manifest

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

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// pushed pushes one in and returns the index as it is stored, the warnings
// and the error.
func pushed(t *testing.T, in Spec, o PushOptions) (ocispec.Index, []string, error) {
	t.Helper()
	var warnings []string
	o.Warn = func(w string) { warnings = append(warnings, w) }
	if o.Type == "" {
		o.Type = TypeAuto
	}
	s := newStore(t)
	err := PushSpecs(context.Background(), s, []Spec{in}, o, func(PushResult) error { return nil })
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
	index, err := parseIndex(got.Raw)
	if err != nil {
		t.Fatal(err)
	}
	return index, warnings, nil
}

func TestThePlatformComesFieldByFieldFromSpecAndConfig(t *testing.T) {
	r := startRegistry(t)
	src := r.host + "/app:armv7"
	image(t, src, MediaTypeDockerImage, armv7)
	for _, c := range []struct {
		name     string
		declared ocispec.Platform
		want     ocispec.Platform
		warnings int
	}{
		{"all open", ocispec.Platform{}, armv7, 0},
		{"only the os declared", ocispec.Platform{OS: "linux"}, armv7, 0},
		{"another architecture takes no variant", amd64, amd64, 1},
		{"another variant", ocispec.Platform{OS: "linux", Architecture: "arm", Variant: "v6"}, ocispec.Platform{OS: "linux", Architecture: "arm", Variant: "v6"}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := Spec{Image: r.host + "/app:all", Manifests: []Source{{Image: src, Platform: c.declared}}}
			index, warnings, err := pushed(t, in, PushOptions{})
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

func TestTheTypeFollowsTheChildren(t *testing.T) {
	r := startRegistry(t)
	image(t, r.host+"/app:docker", MediaTypeDockerImage, amd64)
	image(t, r.host+"/app:oci", ocispec.MediaTypeImageManifest, armv7)
	docker, oci := Source{Image: r.host + "/app:docker"}, Source{Image: r.host + "/app:oci"}
	note := map[string]string{"a": "b"}
	for _, c := range []struct {
		name        string
		kind        IndexType
		sources     []Source
		annotations map[string]string
		want        string
	}{
		{"Docker images", TypeAuto, []Source{docker}, nil, MediaTypeDockerList},
		{"one OCI image among them", TypeAuto, []Source{docker, oci}, nil, ocispec.MediaTypeImageIndex},
		{"annotations", TypeAuto, []Source{docker}, note, ocispec.MediaTypeImageIndex},
		{"forced to docker", TypeDocker, []Source{oci}, nil, MediaTypeDockerList},
		{"forced to oci", TypeOCI, []Source{docker}, nil, ocispec.MediaTypeImageIndex},
	} {
		t.Run(c.name, func(t *testing.T) {
			index, _, err := pushed(t, Spec{Image: r.host + "/app:all", Annotations: c.annotations, Manifests: c.sources}, PushOptions{Type: c.kind})
			if err != nil {
				t.Fatal(err)
			}
			if index.MediaType != c.want {
				t.Errorf("got %s, want %s", index.MediaType, c.want)
			}
		})
	}
}

func TestWhatIsRefusedWritesNothing(t *testing.T) {
	r := startRegistry(t)
	image(t, r.host+"/src:amd64", MediaTypeDockerImage, amd64)
	image(t, r.host+"/src:armv7", MediaTypeDockerImage, armv7)
	image(t, r.host+"/src:plan9", MediaTypeDockerImage, ocispec.Platform{OS: "linux", Architecture: "z80"})
	r.fail["GET /v2/src/manifests/locked"] = http.StatusUnauthorized
	src := func(tag string) Source { return Source{Image: r.host + "/src:" + tag} }
	target := r.host + "/app:1"
	input := &InputError{}
	for _, c := range []struct {
		name    string
		in      Spec
		options PushOptions
		want    any // an error type to be found, or a sentinel
		message string
	}{
		{"target without a tag", Spec{Image: r.host + "/app", Manifests: []Source{src("amd64")}}, PushOptions{}, &input, "with a tag"},
		{"target by digest", Spec{Image: target + "@sha256:" + strings.Repeat("a", 64), Manifests: []Source{src("amd64")}}, PushOptions{}, &input, "with a tag"},
		{"no manifests", Spec{Image: target}, PushOptions{}, &input, "no manifests"},
		{"source without a tag", Spec{Image: target, Manifests: []Source{{Image: r.host + "/src"}}}, PushOptions{}, &input, "must include a tag"},
		{"one platform twice", Spec{Image: target, Manifests: []Source{src("amd64"), src("amd64")}}, PushOptions{}, &input, "cannot include two manifests with the same platform"},
		{"one platform in two spellings", Spec{Image: target, Manifests: []Source{src("armv7"), {Image: r.host + "/src:amd64", Platform: ocispec.Platform{OS: "linux", Architecture: "arm"}}}}, PushOptions{}, &input, "cannot include two manifests with the same platform"},
		{"unknown architecture", Spec{Image: target, Manifests: []Source{src("plan9")}}, PushOptions{}, &input, "linux/z80/"},
		{"contradiction, strict", Spec{Image: target, Manifests: []Source{{Image: r.host + "/src:armv7", Platform: amd64}}}, PushOptions{Strict: true}, &input, "is declared as"},
		{"annotations on a Docker list", Spec{Image: target, Annotations: map[string]string{"a": "b"}, Manifests: []Source{src("amd64")}}, PushOptions{Type: TypeDocker}, &input, "does not support annotations"},
		{"missing source", Spec{Image: target, Manifests: []Source{src("amd64"), src("gone")}}, PushOptions{}, store.ErrNotFound, "src:gone"},
		{"all missing", Spec{Image: target, Manifests: []Source{src("gone")}}, PushOptions{IgnoreMissing: true}, errAllMissing, "all entries were skipped"},
		{"unauthorized source is not missing", Spec{Image: target, Manifests: []Source{src("amd64"), src("locked")}}, PushOptions{IgnoreMissing: true}, store.ErrUnauthorized, "src:locked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.forget()
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
			if w := r.writes(); len(w) > 0 {
				t.Errorf("it wrote: %q", w)
			}
		})
	}
}

func TestAFailedTagLeavesTheOthersWritten(t *testing.T) {
	r := startRegistry(t)
	image(t, r.host+"/app:amd64", MediaTypeDockerImage, amd64)
	r.fail["PUT /v2/app/manifests/2"] = http.StatusForbidden
	_, _, err := pushed(t, Spec{
		Image: r.host + "/app:1", Tags: []string{"2", "3"},
		Manifests: []Source{{Image: r.host + "/app:amd64"}},
	}, PushOptions{})
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

func TestALaterIndexThatCannotBePlannedKeepsTheFirstFromBeingWritten(t *testing.T) {
	r := startRegistry(t)
	image(t, r.host+"/app:amd64", MediaTypeDockerImage, amd64)
	r.forget()
	good := Spec{Image: r.host + "/app:1", Manifests: []Source{{Image: r.host + "/app:amd64"}}}
	bad := Spec{Image: r.host + "/app:2", Manifests: []Source{{Image: r.host + "/app:gone"}}}
	err := PushSpecs(context.Background(), newStore(t), []Spec{good, bad}, PushOptions{Type: TypeAuto, Warn: func(string) {}},
		func(PushResult) error { return fmt.Errorf("nothing should have been pushed") })
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("error %v, want not found", err)
	}
	if w := r.writes(); len(w) > 0 {
		t.Errorf("it wrote: %q", w)
	}
}

// TestAnArtifactSaysWhyItHasNoPlatform is about one that a in names for an
// image.
func TestAnArtifactSaysWhyItHasNoPlatform(t *testing.T) {
	r := startRegistry(t)
	s := newStore(t)
	ref, err := reference.Parse(r.host + "/src:sbom")
	if err != nil {
		t.Fatal(err)
	}
	s.Announce(ref, true)
	config := addBlob(t, s, ref, ocispec.MediaTypeEmptyJSON, []byte("{}"))
	put(t, s, ref, ocispec.MediaTypeImageManifest, encodeJSON(t, ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		ArtifactType: "application/vnd.example.sbom", Config: config, Layers: []ocispec.Descriptor{config},
	}))
	_, _, err = pushed(t, Spec{Image: r.host + "/app:1", Manifests: []Source{{Image: ref.String()}}}, PushOptions{})
	var bad *InputError
	if !errors.As(err, &bad) || !strings.Contains(bad.Hint, `it is an artifact of type "application/vnd.example.sbom"`) {
		t.Errorf("error %v", err)
	}
}
