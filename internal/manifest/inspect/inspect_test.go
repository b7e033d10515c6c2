package inspect

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// inspectWith inspects a tag of the shelf with options.
func inspectWith(t *testing.T, s *manifesttest.Scripted, tag string, o Options) (Inspection, error) {
	t.Helper()
	return Inspect(t.Context(), manifesttest.NewStore(t), s.Host+"/app:"+tag, o)
}

func TestFault20InspectFollowsNestedIndexesFourDeep(t *testing.T) {
	from := manifesttest.NewScripted(t)
	d := from.AddImage("", "bottom")
	for range 3000 {
		d = from.AddIndex(t, "top", d)
	}
	got, err := inspectWith(t, from, "top", Options{})
	if err != nil {
		t.Fatal(err)
	}
	depth, x := 0, got.Index
	for ; x != nil && len(x.Entries) == 1; depth++ {
		if unread := x.Entries[0].IsTooDeep(); unread != (depth+1 == manifest.MaxDepth) {
			t.Errorf("at depth %d unread is %v", depth, unread)
		}
		x = x.Entries[0].Index
	}
	if depth != manifest.MaxDepth || from.Count("GET") != manifest.MaxDepth {
		t.Errorf("%d levels after %d requests", depth, from.Count("GET"))
	}
}

// TestFault20InspectFetchesWhatManyNameOnce multiplies a hundred entries by a
// hundred by a hundred: three indexes and one image, shown once each.
func TestFault20InspectFetchesWhatManyNameOnce(t *testing.T) {
	from := manifesttest.NewScripted(t)
	d := from.AddImage("", "bottom")
	for range 3 {
		d = from.AddIndex(t, "top", slices.Repeat([]ocispec.Descriptor{d}, 100)...)
	}
	got, err := inspectWith(t, from, "top", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n := from.Count("GET"); n != 4 {
		t.Errorf("%d requests", n)
	}
	if got.Count() != 300 || got.Index.Entries[0].Index == nil || !got.Index.Entries[99].Repeated || got.Index.Entries[99].IsTooDeep() {
		t.Errorf("%d entries, the last is %+v", got.Count(), got.Index.Entries[99])
	}
}

func TestFault20InspectLeadsToTwentyThousandManifests(t *testing.T) {
	from := manifesttest.NewScripted(t)
	var all []ocispec.Descriptor
	for i := range 3 {
		all = append(all, from.Add("", ocispec.MediaTypeImageIndex, strings.Replace(manifesttest.LargeIndex(7000), `"schemaVersion":2`, fmt.Sprintf(`"schemaVersion":2,"annotations":{"n":"%d"}`, i), 1)))
	}
	from.AddIndex(t, "top", all...)
	if _, err := inspectWith(t, from, "top", Options{}); err == nil || !strings.Contains(err.Error(), "more than 20000 manifests") {
		t.Errorf("error %v", err)
	}
	if n := from.Count("GET"); n != 4 {
		t.Errorf("%d requests", n)
	}
}

func TestInspect_ManyEntries(t *testing.T) {
	from := manifesttest.NewScripted(t)
	from.Add("all", ocispec.MediaTypeImageIndex, manifesttest.LargeIndex(10_001))
	got, err := Inspect(t.Context(), manifesttest.IndexOnly{Reader: manifesttest.NewStore(t)}, from.Host+"/app:all", Options{})
	if err != nil || got.MissingCount() != 10_001 {
		t.Errorf("%d missing, %v", got.MissingCount(), err)
	}
}

func TestInspect_Kinds(t *testing.T) {
	from := manifesttest.NewScripted(t)
	image := manifesttest.WithPlatform(from.AddImage("", "image"), manifesttest.LinuxAMD64)
	empty := from.Add("", "application/vnd.oci.empty.v1+json", "{}")
	helm := from.Add("", ocispec.MediaTypeImageManifest, manifesttest.ImageManifest(empty, `"artifactType":"application/x-chart","layers":[],"annotations":{"a":"1"}`))
	wasm := from.Add("", ocispec.MediaTypeImageManifest, manifesttest.ImageManifest(from.Add("", "application/x-wasm-config", "{}"), `"layers":[]`))
	stated := func(types ...string) string {
		var layers []string
		for i, p := range types {
			layers = append(layers, fmt.Sprintf(`{"mediaType":"application/vnd.in-toto+json","digest":%q,"size":%d,"annotations":{"in-toto.io/predicate-type":%q}}`, digest.FromString(p), i, p))
		}
		return `"layers":[` + strings.Join(layers, ",") + `]`
	}
	proof := manifesttest.WithSubject(from.Add("", ocispec.MediaTypeImageManifest, manifesttest.ImageManifest(empty, stated("https://spdx.dev/Document", "https://slsa.dev/provenance/v1", "https://spdx.dev/Document"))), image)
	other := ocispec.Descriptor{MediaType: "application/x-thing", Digest: digest.FromString("thing"), Size: 5}
	inner := from.AddIndex(t, "", image)
	from.AddIndex(t, "all", image, helm, wasm, proof, other, inner)
	in, err := inspectWith(t, from, "all", Options{})
	if err != nil {
		t.Fatal(err)
	}
	type seen struct {
		Kind         manifest.Kind
		ArtifactType string
		Attests      digest.Digest
		Predicates   []string
		Nested       int
	}
	var got []seen
	for _, e := range in.Result().Entries {
		got = append(got, seen{e.Kind, e.ArtifactType, e.AttestedDigest, e.PredicateTypes, len(e.Entries)})
	}
	if diff := cmp.Diff([]seen{
		{Kind: manifest.KindImage},
		{Kind: manifest.KindArtifact, ArtifactType: "application/x-chart"},
		{Kind: manifest.KindArtifact, ArtifactType: "application/x-wasm-config"},
		{Kind: manifest.KindAttestation, ArtifactType: "application/vnd.oci.empty.v1+json", Attests: image.Digest, Predicates: []string{"https://spdx.dev/Document", "https://slsa.dev/provenance/v1"}},
		{Kind: manifest.KindUnknown},
		{Kind: manifest.KindIndex, Nested: 1},
	}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if n := from.Count("GET"); n != 6 { // the index, and the five it can follow
		t.Errorf("%d requests", n)
	}
}

func TestInspect_Missing(t *testing.T) {
	from := manifesttest.NewScripted(t)
	gone, there := manifesttest.WithPlatform(from.AddImage("", "gone"), manifesttest.LinuxAMD64), manifesttest.WithPlatform(from.AddImage("", "there"), manifesttest.LinuxARMv7)
	noConfig := from.Add("", ocispec.MediaTypeImageConfig, `{"os":"linux","architecture":"s390x"}`)
	bare := from.Add("", ocispec.MediaTypeImageManifest, manifesttest.ImageManifest(noConfig, `"layers":[]`))
	inner := from.AddIndex(t, "", gone, bare)
	from.AddIndex(t, "all", gone, there, inner)
	from.Remove(gone)
	from.Remove(noConfig)
	in, err := inspectWith(t, from, "all", Options{Configs: true})
	if err != nil {
		t.Fatal(err)
	}
	x := in.Index.Entries
	if !x[0].Missing || x[1].Config == nil || !x[2].Index.Entries[0].Missing || !x[2].Index.Entries[1].ConfigMissing {
		t.Errorf("entries: %+v", in.Result().Entries)
	}
	if in.MissingCount() != 3 || in.Count() != 5 {
		t.Errorf("%d of %d are missing", in.MissingCount(), in.Count())
	}
	if got := x[1].Config.Architecture; got != "amd64" {
		t.Errorf("the config is %+v", x[1].Config)
	}
}

func TestInspect_Configs(t *testing.T) {
	from := manifesttest.NewScripted(t)
	from.AddIndex(t, "all", manifesttest.WithPlatform(from.AddImage("", "a"), manifesttest.LinuxAMD64), manifesttest.WithPlatform(from.AddImage("", "b"), manifesttest.LinuxARMv7))
	for configs, want := range map[bool]int{false: 3, true: 5} {
		from.ResetRequests()
		if _, err := inspectWith(t, from, "all", Options{Configs: configs}); err != nil || from.Count("GET") != want {
			t.Errorf("configs %v: %d requests, %v", configs, from.Count("GET"), err)
		}
	}
}

func TestInspect_Platform(t *testing.T) {
	from := manifesttest.NewScripted(t)
	first, second := manifesttest.WithPlatform(from.AddImage("", "a"), manifesttest.LinuxAMD64), manifesttest.WithPlatform(from.AddImage("single", "b"), manifesttest.LinuxARMv7)
	from.AddIndex(t, "all", manifesttest.WithSubject(first, second), first, second, from.AddImage("", "c"))
	want := func(text string) *platform.Platform {
		p, err := spec.ParsePlatform(text)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	in, err := inspectWith(t, from, "all", Options{Platform: want("linux/arm/v8")})
	if err != nil {
		t.Fatal(err)
	}
	shown := in.Result().Entries
	if len(shown) != 1 || shown[0].Position != 3 || shown[0].Digest != second.Digest || shown[0].Layers == nil {
		t.Errorf("shown: %+v", shown)
	}
	if n := from.Count("GET"); n != 2 {
		t.Errorf("%d requests", n)
	}
	for tag, have := range map[string]string{"all": "linux/amd64, linux/arm/v7", "single": "linux/amd64"} {
		var nothing *NoMatchError
		for name, err := range map[string]error{
			"inspect": errorOf(inspectWith(t, from, tag, Options{Platform: want("linux/riscv64")})),
			"fetch":   errorOf(Fetch(t.Context(), manifesttest.NewStore(t), from.Host+"/app:"+tag, want("linux/riscv64"))),
		} {
			if !errors.As(err, &nothing) || !strings.Contains(err.Error(), "has nothing for linux/riscv64; it has "+have) {
				t.Errorf("%s of %s: %v", name, tag, err)
			}
		}
	}
	if o, err := Fetch(t.Context(), manifesttest.NewStore(t), from.Host+"/app:all", want("linux/arm/v7")); err != nil || o.Descriptor.Digest != second.Digest {
		t.Errorf("fetched %v, %v", o.Descriptor, err)
	}
}

// errorOf keeps the error of two results.
func errorOf[T any](_ T, err error) error { return err }

func TestInspect_InvalidPlatform(t *testing.T) {
	for _, text := range []string{"", "linux", "linux/", "arm64/v8", "a/b/c/d", "windows/amd64:nanoserver", "linux/amd64;x", "windows/amd64:"} {
		var input *manifest.InputError
		if p, err := spec.ParsePlatform(text); !errors.As(err, &input) {
			t.Errorf("%q is %v, error %v", text, p, err)
		}
	}
}

func TestInspect_Referrers(t *testing.T) {
	from := manifesttest.NewScripted(t)
	index := from.AddIndex(t, "all", manifesttest.WithPlatform(from.AddImage("", "a"), manifesttest.LinuxAMD64))
	ref, err := reference.Parse(from.Host + "/app")
	if err != nil {
		t.Fatal(err)
	}
	stem := ref.WithDigest(index.Digest).ReferrersTag()
	listed := from.AddImage("", "listed")
	listed.ArtifactType = "application/spdx+json"
	from.AddIndex(t, stem, listed)
	sig, att := from.AddImage(stem+".sig", "sig"), from.AddImage(stem+".att", "att")
	in, err := inspectWith(t, from, "all", Options{Referrers: true})
	if err != nil {
		t.Fatal(err)
	}
	want := []Referrer{
		{Role: RoleSBOM, Digest: listed.Digest, Size: listed.Size, MediaType: listed.MediaType, ArtifactType: "application/spdx+json"},
		{Role: RoleSignature, Digest: sig.Digest, Size: sig.Size, MediaType: sig.MediaType, Tag: stem + ".sig"},
		{Role: RoleAttestation, Digest: att.Digest, Size: att.Size, MediaType: att.MediaType, Tag: stem + ".att"},
	}
	if diff := cmp.Diff(want, in.Referrers); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	// The index, its image, the list, its tag, and cosign's three tags.
	if n := from.Count("GET"); n != 7 {
		t.Errorf("%d requests: %q", n, from.Requests())
	}
	none, err := inspectWith(t, from, "all", Options{Referrers: true, Platform: &manifesttest.LinuxAMD64})
	if err != nil || none.Referrers == nil || len(none.Referrers) > 0 {
		t.Errorf("of the entry: %v, %v", none.Referrers, err)
	}
}

func TestRoleOf(t *testing.T) {
	for artifactType, want := range map[string]Role{
		"application/vnd.dev.cosign.artifact.sig.v1+json": RoleSignature, "application/vnd.cncf.notary.signature": RoleSignature,
		"application/vnd.dev.sigstore.bundle.v0.3+json": RoleSignature, "application/vnd.in-toto+json": RoleAttestation,
		"application/spdx+json": RoleSBOM, "application/vnd.cyclonedx+json": RoleSBOM, "application/vnd.dev.cosign.artifact.sbom.v1+json": RoleSBOM,
		"application/vnd.docker.attestation.manifest.v1+json": RoleAttestation, "text/plain": RoleOther, "": RoleOther, "application/design": RoleOther,
	} {
		if got := roleOf(artifactType); got != want {
			t.Errorf("%s is %s, want %s", artifactType, got, want)
		}
	}
}

func TestInspect_ArtifactConfig(t *testing.T) {
	from := manifesttest.NewScripted(t)
	config := from.Add("", "application/x-config", "not JSON")
	from.Add("chart", ocispec.MediaTypeImageManifest, manifesttest.ImageManifest(config, `"layers":[]`))
	in, err := inspectWith(t, from, "chart", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := in.Result(); got.Kind != manifest.KindArtifact || got.ArtifactType != "application/x-config" || got.Config != nil {
		t.Errorf("%+v", got)
	}
	from.Remove(config)
	if _, err := inspectWith(t, from, "chart", Options{}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a config that is gone: %v", err)
	}
}
