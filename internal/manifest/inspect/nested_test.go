package inspect

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/transport"
)

func TestInspect_PlatformInNestedIndex(t *testing.T) {
	from := manifesttest.NewScripted(t)
	amd64, arm := manifesttest.WithPlatform(from.AddImage("", "a"), manifesttest.LinuxAMD64), manifesttest.WithPlatform(from.AddImage("", "b"), manifesttest.LinuxARMv7)
	inner := from.AddIndex(t, "inner", amd64, arm)
	from.AddIndex(t, "outer", manifesttest.WithPlatform(from.AddImage("", "c"), manifesttest.Linux("s390x", "")), inner)
	in, err := inspectWith(t, from, "outer", Options{Platform: &manifesttest.LinuxARMv7, Referrers: true})
	if err != nil {
		t.Fatal(err)
	}
	shown := in.Result().Entries
	if len(shown) != 1 || shown[0].Position != 2 || len(shown[0].Entries) != 1 || shown[0].Entries[0].Position != 2 || shown[0].Entries[0].Digest != arm.Digest {
		t.Errorf("shown: %+v", shown)
	}
	for _, r := range from.Requests() {
		if strings.Contains(r, "referrers") && !strings.Contains(r, arm.Digest.String()) {
			t.Errorf("referrers of another manifest: %s", r)
		}
	}
	if n := from.Count("GET /v2/app/manifests/sha256:"); n != 2 {
		t.Errorf("%d manifests were read: %q", n, from.Requests())
	}
	o, err := Fetch(t.Context(), manifesttest.NewStore(t), from.Host+"/app:outer", &manifesttest.LinuxAMD64)
	if err != nil || o.Descriptor.Digest != amd64.Digest {
		t.Errorf("fetched %v, %v", o.Descriptor, err)
	}
}

func TestInspect_Mismatch(t *testing.T) {
	from := manifesttest.NewScripted(t)
	short, docker := manifesttest.WithPlatform(from.AddImage("", "a"), manifesttest.LinuxAMD64), manifesttest.WithPlatform(from.AddImage("", "b"), manifesttest.LinuxARMv7)
	right := manifesttest.WithPlatform(from.AddImage("", "c"), manifesttest.Linux("s390x", ""))
	called := from.AddIndex(t, "inner", right)
	short.Size--
	docker.MediaType, called.MediaType = manifest.MediaTypeDockerImage, ocispec.MediaTypeImageManifest
	from.AddIndex(t, "all", short, docker, right, called)
	in, err := inspectWith(t, from, "all", Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"bytes long, its entry says", "is of type " + ocispec.MediaTypeImageManifest + ", its entry says " + manifest.MediaTypeDockerImage, "", "is of type " + ocispec.MediaTypeImageIndex}
	for i, e := range in.Result().Entries {
		if !strings.Contains(e.Mismatch, want[i]) || (e.Mismatch == "") != (want[i] == "") || (e.Layers == nil) != (i == 3) || e.Entries != nil {
			t.Errorf("entry %d: %+v", i+1, e)
		}
	}
	if in.MismatchCount() != 3 || in.MissingCount() != 0 || in.Count() != 4 {
		t.Errorf("%d mismatches of %d", in.MismatchCount(), in.Count())
	}
	_, err = Fetch(t.Context(), manifesttest.NewStore(t), from.Host+"/app:all", &manifesttest.LinuxAMD64)
	var unusable *UnusableManifestError
	if !errors.As(err, &unusable) {
		t.Errorf("fetched: %v", err)
	}
}

func TestInspect_ConfigThatIsNotJSON(t *testing.T) {
	from := manifesttest.NewScripted(t)
	config := from.Add("", ocispec.MediaTypeImageConfig, "not JSON")
	d := from.Add("single", ocispec.MediaTypeImageManifest, manifesttest.ImageManifest(config, `"layers":[]`))
	from.AddIndex(t, "declared", manifesttest.WithPlatform(d, manifesttest.LinuxAMD64))
	from.AddIndex(t, "undeclared", d)
	warnings, s := warningStore(t, false)
	in, err := Inspect(t.Context(), s, from.Host+"/app:declared", Options{Configs: true, Platform: &manifesttest.LinuxAMD64})
	if err != nil || len(in.Result().Entries) != 1 || len(*warnings) != 1 || !strings.Contains((*warnings)[0], "reading the config of "+from.Host+"/app@"+d.Digest.String()) {
		t.Errorf("%+v, %v, warnings %q", in.Result(), err, *warnings)
	}
	var unreadable *manifest.ConfigError
	for _, tag := range []string{"single", "undeclared"} {
		_, err := inspectWith(t, from, tag, Options{Configs: true})
		if !errors.As(err, &unreadable) || !strings.Contains(unreadable.Hint(), "platform of this image is unknown") {
			t.Errorf("%s: %v", tag, err)
		}
	}
	var none *NoMatchError
	if _, err := inspectWith(t, from, "undeclared", Options{Platform: &manifesttest.LinuxAMD64}); !errors.As(err, &none) {
		t.Errorf("for a platform: %v", err)
	}
}

func TestInspect_UnexpectedConfig(t *testing.T) {
	from := manifesttest.NewScripted(t)
	config := from.Add("", ocispec.MediaTypeImageConfig, `{"os":"linux","architecture":"amd64","created":"","config":{"Entrypoint":"/app"}}`)
	from.Add("odd", ocispec.MediaTypeImageManifest, manifesttest.ImageManifest(config, `"layers":[]`))
	for _, strict := range []bool{false, true} {
		for name, run := range map[string]func(r manifest.Reader) error{
			"inspect": func(r manifest.Reader) error {
				_, err := Inspect(t.Context(), r, from.Host+"/app:odd", Options{})
				return err
			},
			"query": func(r manifest.Reader) error {
				sum, err := queryImages(t.Context(), r, FromSlice([]string{from.Host + "/app:odd"}), nil, func(QueryResult) error { return nil })
				return errors.Join(err, sum.Err)
			},
		} {
			warnings, s := warningStore(t, strict)
			err := run(s)
			if text := fmt.Sprint(*warnings, err); (err != nil) != strict || !strings.Contains(text, `created is "", which is ignored; config.Entrypoint is "/app", read as ["/app"]`) {
				t.Errorf("%s, strict %v: %v, warnings %q", name, strict, err, *warnings)
			}
		}
	}
}

// warningStore returns a store and the list that its warnings go to.
func warningStore(t *testing.T, strict bool) (*[]string, *store.Store) {
	t.Helper()
	var warnings []string
	s, err := store.New(store.Options{Transport: transport.Options{Strict: strict, Warn: func(m string) { warnings = append(warnings, m) }}})
	if err != nil {
		t.Fatal(err)
	}
	return &warnings, s
}

func TestQuery_NestedIndexes(t *testing.T) {
	from := manifesttest.NewScripted(t)
	amd64, arm, s390x := manifesttest.MissingEntry("linux/amd64"), manifesttest.MissingEntry("linux/arm64"), manifesttest.MissingEntry("linux/s390x")
	bottom := from.AddIndex(t, "bottom", arm, manifesttest.MissingAttestation(arm))
	middle := from.AddIndex(t, "middle", bottom, amd64)
	declared := manifesttest.WithPlatform(from.AddIndex(t, "declared", manifesttest.MissingEntry("linux/riscv64")), manifesttest.Linux("ppc64le", ""))
	from.AddIndex(t, "outer", s390x, middle, declared, middle)
	all, _ := queryAll(t, FromSlice([]string{from.Host + "/app:outer"}), "linux/arm64", "linux/amd64", "linux/riscv64", "linux/386")
	if diff := cmp.Diff([]string{"linux/s390x", "linux/arm64", "linux/amd64", "linux/riscv64"}, texts(all[0])); diff != "" {
		t.Errorf("platforms (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"linux/riscv64", "linux/386"}, all[0].Missing); diff != "" || all[0].Attestations != 1 || all[0].Platforms[1].Nested != bottom.Digest {
		t.Errorf("missing (-want +got):\n%s%+v", diff, all[0])
	}
	if n := len(from.Requests()); n != 4 {
		t.Errorf("%d requests: %q", n, from.Requests())
	}
	from.Remove(middle)
	warnings, s := warningStore(t, false)
	if _, err := queryImages(t.Context(), s, FromSlice([]string{from.Host + "/app:outer"}), nil, func(q QueryResult) error { all[0] = q; return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"linux/s390x", "", "linux/riscv64", ""}, texts(all[0])); diff != "" || len(*warnings) == 0 || !strings.Contains((*warnings)[0], middle.Digest.String()) {
		t.Errorf("with a missing index (-want +got):\n%s%q", diff, *warnings)
	}
}

// TestQuery_IndexUnderTwoPlatforms names one index for two platforms, and an index in
// it for one more that only the second leads to.
func TestQuery_IndexUnderTwoPlatforms(t *testing.T) {
	from := manifesttest.NewScripted(t)
	amd64, arm64 := manifesttest.Linux("amd64", ""), manifesttest.Linux("arm64", "")
	bottom := from.AddIndex(t, "bottom", manifesttest.MissingEntry("linux/arm64"), manifesttest.MissingEntry("linux/s390x"))
	both := from.AddIndex(t, "both", manifesttest.MissingEntry("linux/amd64"), manifesttest.WithPlatform(bottom, arm64))
	from.AddIndex(t, "outer", manifesttest.WithPlatform(both, amd64), manifesttest.WithPlatform(both, arm64))
	all, _ := queryAll(t, FromSlice([]string{from.Host + "/app:outer"}), "linux/amd64", "linux/arm64", "linux/s390x")
	if diff := cmp.Diff([]string{"linux/amd64", "linux/arm64", "linux/s390x"}, texts(all[0])); diff != "" {
		t.Errorf("platforms (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"linux/s390x"}, all[0].Missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
}

func TestQuery_DeepNesting(t *testing.T) {
	from := manifesttest.NewScripted(t)
	d := manifesttest.MissingEntry("linux/amd64")
	for i := range manifest.MaxDepth + 1 {
		d = from.AddIndex(t, fmt.Sprint(i+1), d)
	}
	ref, err := reference.Parse(from.Host + "/app")
	if err != nil {
		t.Fatal(err)
	}
	for i := range manifest.MaxDepth + 1 {
		all, _ := queryAll(t, FromSlice([]string{ref.WithTag(fmt.Sprint(i + 1)).String()}), "linux/amd64")
		if tooDeep := i == manifest.MaxDepth; (all[0].Err != nil) != tooDeep || len(all[0].Missing) > 0 {
			t.Errorf("%d indexes: %+v", i+1, all[0])
		}
	}
}
