package push

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// built is an index as BuildKit writes it: image, attestation, image,
// attestation, and one of a subject that is not there.
func built(t *testing.T, repository string) (images, attestations []ocispec.Descriptor) {
	t.Helper()
	oci := ocispec.MediaTypeImageManifest
	a := manifesttest.WithPlatform(manifesttest.PutImage(t, repository+":a", oci, manifesttest.LinuxAMD64), manifesttest.LinuxAMD64)
	b := manifesttest.WithPlatform(manifesttest.PutImage(t, repository+":b", oci, manifesttest.LinuxARMv7), manifesttest.LinuxARMv7)
	at := manifesttest.WithSubject(manifesttest.PutImage(t, repository+":at", oci, ocispec.Platform{}), a)
	bt := manifesttest.WithSubject(manifesttest.PutImage(t, repository+":bt", oci, ocispec.Platform{}), b)
	stray := manifesttest.WithSubject(manifesttest.PutImage(t, repository+":ct", oci, ocispec.Platform{}), ocispec.Descriptor{Digest: "sha256:" + "00"})
	manifesttest.PutIndex(t, repository+":all", a, at, b, bt, stray)
	return []ocispec.Descriptor{a, b}, []ocispec.Descriptor{at, bt}
}

func digests(all ...[]ocispec.Descriptor) []string {
	var d []string
	for _, x := range slices.Concat(all...) {
		d = append(d, x.Digest.String())
	}
	return d
}

func TestPush_IndexSource(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	images, attestations := built(t, r.Host+"/built")
	in := spec.Spec{Image: r.Host + "/app:1", Manifests: []spec.Source{{Image: r.Host + "/built:all"}}}
	for _, c := range []struct {
		name     string
		drop     bool
		want     []string
		warnings int
	}{
		{"kept behind the images, strays left out", false, digests(images, attestations), 1},
		{"dropped", true, digests(images), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, warnings, err := pushed(t, in, Options{DropAttestations: c.drop})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, digests(got.Manifests)); diff != "" {
				t.Error(diff)
			}
			if len(warnings) != c.warnings {
				t.Errorf("warnings: %q", warnings)
			}
		})
	}
}

func TestPush_NestedIndex(t *testing.T) {
	from, to := manifesttest.NewRegistry(t), manifesttest.NewRegistry(t)
	a := manifesttest.WithPlatform(manifesttest.PutImage(t, from.Host+"/src:a", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64), manifesttest.LinuxAMD64)
	inner := manifesttest.PutIndex(t, from.Host+"/src:inner", a)
	manifesttest.PutIndex(t, from.Host+"/src:outer", manifesttest.WithPlatform(inner, manifesttest.LinuxARMv7))
	got, _, err := pushed(t, spec.Spec{Image: to.Host + "/app:1", Manifests: []spec.Source{{Image: from.Host + "/src:outer"}}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(digests([]ocispec.Descriptor{inner}), digests(got.Manifests)); diff != "" {
		t.Error(diff)
	}
	target, _ := reference.Parse(to.Host + "/app")
	s := manifesttest.NewStore(t)
	s.Announce(target, false)
	for _, d := range []ocispec.Descriptor{a, inner} {
		if _, err := s.Get(context.Background(), target.WithDigest(d.Digest)); err != nil {
			t.Errorf("child %s: %v", d.Digest, err)
		}
	}
}

// TestPush_FlattenRepeatedIndex names one nested index several times.
func TestPush_FlattenRepeatedIndex(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	bare := manifesttest.PutImage(t, r.Host+"/app:a", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64)
	inner := manifesttest.PutIndex(t, r.Host+"/app:inner", bare)
	amd64, armv7 := manifesttest.WithPlatform(inner, manifesttest.LinuxAMD64), manifesttest.WithPlatform(inner, manifesttest.LinuxARMv7)
	conflict := "image " + r.Host + "/app:outer: its nested index " + inner.Digest.String() + " has several entries that differ: only the first one is used"
	for _, c := range []struct {
		name    string
		entries []ocispec.Descriptor
		want    []string
	}{
		{"equal entries", []ocispec.Descriptor{amd64, amd64}, nil},
		{"two platforms", []ocispec.Descriptor{amd64, armv7, armv7}, []string{conflict}},
	} {
		t.Run(c.name, func(t *testing.T) {
			manifesttest.PutIndex(t, r.Host+"/app:outer", c.entries...)
			in := spec.Spec{Image: r.Host + "/app:1", Manifests: []spec.Source{{Image: r.Host + "/app:outer"}}}
			got, warnings, err := pushed(t, in, Options{Flatten: true})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]ocispec.Descriptor{manifesttest.WithPlatform(bare, manifesttest.LinuxAMD64)}, got.Manifests); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.want, warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPush_NestedTooDeep(t *testing.T) {
	from, to := manifesttest.NewRegistry(t), manifesttest.NewRegistry(t)
	d := manifesttest.WithPlatform(manifesttest.PutImage(t, from.Host+"/src:a", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64), manifesttest.LinuxAMD64)
	for range manifest.MaxDepth + 1 {
		d = manifesttest.WithPlatform(manifesttest.PutIndex(t, from.Host+"/src:top", d), manifesttest.LinuxAMD64)
	}
	to.ResetRequests()
	_, _, err := pushed(t, spec.Spec{Image: to.Host + "/app:1", Manifests: []spec.Source{{Image: from.Host + "/src:top"}}}, Options{})
	if err == nil || !strings.Contains(err.Error(), "nested more than") {
		t.Errorf("error %v", err)
	}
	if w := to.Writes(); len(w) > 0 {
		t.Errorf("it wrote %q", w)
	}
}

func TestPush_EntryWithoutPlatform(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	bare := manifesttest.PutImage(t, r.Host+"/app:a", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64)
	other := manifesttest.PutImage(t, r.Host+"/app:b", ocispec.MediaTypeImageManifest, manifesttest.LinuxARMv7)
	manifesttest.PutIndex(t, r.Host+"/app:all", bare, other)
	got, _, err := pushed(t, spec.Spec{Image: r.Host + "/app:1", Manifests: []spec.Source{{Image: r.Host + "/app:all"}}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Manifests[0].Platform != nil || len(got.Manifests) != 2 {
		t.Errorf("entries: %v", got.Manifests)
	}
	_, _, err = pushed(t, spec.Spec{Image: r.Host + "/app:2", Manifests: []spec.Source{{Image: r.Host + "/app:all"}}}, Options{Type: TypeDocker})
	var input *manifest.InputError
	if !errors.As(err, &input) || input.HintText == "" {
		t.Errorf("a Docker list without a platform: error %v", err)
	}
}

func TestInspectMarksMissingChildren(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	a := manifesttest.WithPlatform(manifesttest.PutImage(t, r.Host+"/app:a", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64), manifesttest.LinuxAMD64)
	b := manifesttest.WithPlatform(manifesttest.PutImage(t, r.Host+"/app:b", ocispec.MediaTypeImageManifest, manifesttest.LinuxARMv7), manifesttest.LinuxARMv7)
	manifesttest.PutIndex(t, r.Host+"/app:all", a, b)
	r.Fail("GET /v2/app/manifests/"+b.Digest.String(), 404)
	got, err := inspect.Inspect(context.Background(), manifesttest.NewStore(t), r.Host+"/app:all", inspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.MissingCount() != 1 || !got.Index.Entries[1].Missing || got.Index.Entries[0].Manifest == nil {
		t.Errorf("entries: %+v", got.Index.Entries)
	}
	r.Fail("GET /v2/app/manifests/"+b.Digest.String(), 403)
	if _, err := inspect.Inspect(context.Background(), manifesttest.NewStore(t), r.Host+"/app:all", inspect.Options{}); !errors.Is(err, store.ErrDenied) {
		t.Errorf("a refused child is not missing: error %v", err)
	}
}

// TestPush_PlatformOfIndexSource compares a declared platform with those of the
// images of an index.
func TestPush_PlatformOfIndexSource(t *testing.T) {
	a, b := manifesttest.WithPlatform(ocispec.Descriptor{Digest: "sha256:a"}, manifesttest.LinuxAMD64), manifesttest.WithPlatform(ocispec.Descriptor{Digest: "sha256:b"}, manifesttest.LinuxARMv7)
	on := func(p ocispec.Platform) []ocispec.Descriptor {
		return []ocispec.Descriptor{manifesttest.WithPlatform(ocispec.Descriptor{Digest: "sha256:d"}, p)}
	}
	arm64 := ocispec.Platform{OS: "linux", Architecture: "arm64"}
	windows := ocispec.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.1.2"}
	for name, c := range map[string]struct {
		declared  ocispec.Platform
		entries   []ocispec.Descriptor
		conflicts int
	}{
		"none declared":                  {ocispec.Platform{}, []ocispec.Descriptor{a, b}, 0},
		"the image's":                    {manifesttest.LinuxAMD64, []ocispec.Descriptor{a}, 0},
		"two images":                     {manifesttest.LinuxAMD64, []ocispec.Descriptor{a, b}, 1},
		"one of no platform":             {manifesttest.LinuxAMD64, []ocispec.Descriptor{a, {Digest: "sha256:c"}}, 1},
		"only an os":                     {ocispec.Platform{OS: "linux"}, []ocispec.Descriptor{a, b}, 0},
		"only another os":                {ocispec.Platform{OS: "windows"}, []ocispec.Descriptor{a, b}, 1},
		"another spelling":               {ocispec.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}, on(arm64), 0},
		"a variant that it has not":      {ocispec.Platform{OS: "linux", Architecture: "arm64", Variant: "v9"}, on(arm64), 1},
		"an os version it has not":       {windows, on(ocispec.Platform{OS: "windows", Architecture: "amd64"}), 1},
		"another os version":             {windows, on(ocispec.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.1.3"}), 1},
		"features that it has not":       {ocispec.Platform{OS: "linux", Architecture: "arm64", OSFeatures: []string{"x"}}, on(arm64), 1},
		"an architecture, half an entry": {arm64, on(ocispec.Platform{OS: "linux"}), 1},
		"a name in no list":              {ocispec.Platform{OS: "zos", Architecture: "s390x"}, on(ocispec.Platform{OS: "zos", Architecture: "s390x"}), 0},
	} {
		g := &sourceResult{}
		for _, d := range c.entries {
			g.images = append(g.images, entry{Descriptor: d})
		}
		g.compareEntries(spec.Source{Image: "x:1", Platform: c.declared})
		if len(g.conflicts) != c.conflicts {
			t.Errorf("%s: conflicts %q", name, g.conflicts)
		}
	}
}

func TestPush_ConfigThatIsNotJSON(t *testing.T) {
	from := manifesttest.NewScripted(t)
	config := from.Add("", ocispec.MediaTypeImageConfig, "not JSON")
	from.Add("1", ocispec.MediaTypeImageManifest, manifesttest.ImageManifest(config, `"layers":[]`))
	source := spec.Source{Image: from.Host + "/app:1"}
	for _, tt := range []struct {
		platform ocispec.Platform
		strict   bool
		fails    string // "" for a warning
	}{
		{manifesttest.LinuxAMD64, false, ""},
		{manifesttest.LinuxAMD64, true, "its config cannot be read"},
		{ocispec.Platform{OS: "linux"}, false, "reading the config of"},
		{ocispec.Platform{}, false, "reading the config of"},
	} {
		to := manifesttest.NewRegistry(t)
		source.Platform = tt.platform
		got, warnings, err := pushed(t, spec.Spec{Image: to.Host + "/app:all", Manifests: []spec.Source{source}}, Options{Strict: tt.strict})
		switch {
		case tt.fails != "" && (err == nil || !strings.Contains(err.Error(), tt.fails)):
			t.Errorf("%+v: %v", tt, err)
		case tt.fails == "" && (err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "the declared platform is used") || got.Manifests[0].Platform.Architecture != tt.platform.Architecture):
			t.Errorf("%+v: %v, warnings %q", tt, err, warnings)
		}
		var unreadable *manifest.ConfigError
		if tt.platform.Architecture == "" && !errors.As(err, &unreadable) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

func TestPush_UnexpectedConfig(t *testing.T) {
	from := manifesttest.NewScripted(t)
	config := from.Add("", ocispec.MediaTypeImageConfig, `{"os":"linux","architecture":"amd64","created":"2022-02-21T14:44:59+00:00Z","config":{"User":0}}`)
	from.Add("1", ocispec.MediaTypeImageManifest, manifesttest.ImageManifest(config, `"layers":[]`))
	for _, strict := range []bool{false, true} {
		to := manifesttest.NewRegistry(t)
		got, warnings, err := pushed(t, spec.Spec{Image: to.Host + "/app:all", Manifests: []spec.Source{{Image: from.Host + "/app:1"}}}, Options{Strict: strict})
		switch {
		case strict && (err == nil || !strings.Contains(err.Error(), "in its config, created is")):
			t.Errorf("strict: %v", err)
		case !strict && (err != nil || len(warnings) != 2 || got.Manifests[0].Platform.Architecture != "amd64"):
			t.Errorf("%v, warnings %q", err, warnings)
		}
	}
}
