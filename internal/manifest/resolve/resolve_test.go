package resolve

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/selection"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/store"
)

func resolveOne(t *testing.T, name string, rule platform.SelectionRule, want string) ResolvedPlatform {
	t.Helper()
	found, err := Resolve(t.Context(), manifesttest.NewStore(t), name, rule, manifesttest.ParsePlatforms(t, want))
	if err != nil {
		t.Fatal(err)
	}
	return found.Platforms[0]
}

// told is what became of the candidates.
func told(one ResolvedPlatform) []string {
	var lines []string
	for _, c := range one.Candidates {
		lines = append(lines, fmt.Sprintf("%d %s %s: %s", c.Position, c.PlatformText, c.State, c.Reason))
	}
	return lines
}

func TestResolve_Requests(t *testing.T) {
	r := manifesttest.NewScripted(t)
	v6, v7 := manifesttest.MissingEntry("linux/arm/v6"), manifesttest.MissingEntry("linux/arm/v7")
	r.AddIndex(t, "1", manifesttest.MissingEntry("linux/amd64"), v6, manifesttest.MissingAttestation(v6), v7)
	found, err := Resolve(t.Context(), manifesttest.NewStore(t), r.Host+"/app:1", platform.RuleContainerd, manifesttest.ParsePlatforms(t, "linux/arm/v8", "linux/s390x"))
	if err != nil {
		t.Fatal(err)
	}
	one := found.Platforms[0]
	want := []string{
		"1 linux/amd64 incompatible: its architecture is amd64",
		"2 linux/arm/v6 compatible: linux/arm/v7 fits better",
		"3 unknown/unknown incompatible: it is an attestation",
		"4 linux/arm/v7 chosen: such a node runs it too",
	}
	if diff := cmp.Diff(want, told(one)); diff != "" {
		t.Errorf("candidates (-want +got):\n%s", diff)
	}
	if one.Digest != v7.Digest || one.Reference != r.Host+"/app@"+v7.Digest.String() {
		t.Errorf("%s %s, want %s", one.Digest, one.Reference, v7.Digest)
	}
	if none := found.Unresolved(); len(none) != 1 || none[0].PlatformText != "linux/s390x" || none[0].Nearest[0] != "linux/amd64 (its architecture is amd64)" {
		t.Errorf("unresolved: %+v", none)
	}
	if diff := cmp.Diff([]string{"GET /v2/app/manifests/1"}, r.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestResolve_NestedIndex(t *testing.T) {
	r := manifesttest.NewScripted(t)
	arm := manifesttest.MissingEntry("linux/arm64")
	nested := r.AddIndex(t, "nested", manifesttest.MissingEntry("linux/amd64"), arm)
	r.AddIndex(t, "1", manifesttest.MissingEntry("linux/s390x"), nested, manifesttest.MissingEntry("linux/ppc64le"))
	for rule := range map[platform.SelectionRule]bool{platform.RuleContainerd: true, platform.RulePodman: true} {
		one := resolveOne(t, r.Host+"/app:1", rule, "linux/arm64")
		want := []string{
			"1 linux/s390x incompatible: its architecture is s390x",
			"2  descended: no platform, a last resort, an index",
			"1 linux/amd64 incompatible: its architecture is amd64",
			"2 linux/arm64 chosen: it is for this platform",
			"3 linux/ppc64le incompatible: its architecture is ppc64le",
		}
		if diff := cmp.Diff(want, told(one)); diff != "" || one.Digest != arm.Digest || one.Candidates[3].Nested != nested.Digest {
			t.Errorf("%s: %+v (-want +got):\n%s", rule, one, diff)
		}
	}
	// containerd takes a declared platform first, and looks no further.
	if one := resolveOne(t, r.Host+"/app:1", platform.RuleContainerd, "linux/s390x"); one.Candidates[0].State != selection.Chosen || len(one.Candidates) != 3 {
		t.Errorf("%q", told(one))
	}
}

func TestResolve_DeepNesting(t *testing.T) {
	r := manifesttest.NewScripted(t)
	d := manifesttest.MissingEntry("linux/amd64")
	for i := range manifest.MaxDepth + 1 {
		d = r.AddIndex(t, fmt.Sprint(i), d)
	}
	_, err := Resolve(t.Context(), manifesttest.NewStore(t), fmt.Sprintf("%s/app:%d", r.Host, manifest.MaxDepth), platform.RuleContainerd, manifesttest.ParsePlatforms(t, "linux/amd64"))
	if err == nil || !strings.Contains(err.Error(), "nested more than 4 deep") {
		t.Errorf("error %v", err)
	}
}

// An entry without a platform is decided by its config, for containerd; Podman
// takes it unseen.
func TestResolve_UndeclaredPlatform(t *testing.T) {
	r := manifesttest.NewScripted(t)
	undeclared := r.AddPlatformImage(t, "a", manifesttest.Linux("riscv64", ""))
	undeclared.Platform = nil
	r.AddIndex(t, "1", manifesttest.MissingEntry("linux/amd64"), undeclared)
	if one := resolveOne(t, r.Host+"/app:1", platform.RuleContainerd, "linux/riscv64"); one.Digest != undeclared.Digest ||
		one.Candidates[1].Reason != "no platform, but its config says: it is for this platform" {
		t.Errorf("%q", told(one))
	}
	if one := resolveOne(t, r.Host+"/app:1", platform.RuleContainerd, "linux/s390x"); one.Digest != "" ||
		one.Candidates[1].Reason != "no platform, but its config says: its architecture is riscv64" {
		t.Errorf("%q", told(one))
	}
	if one := resolveOne(t, r.Host+"/app:1", platform.RulePodman, "linux/s390x"); one.Digest != undeclared.Digest {
		t.Errorf("%q", told(one))
	}
	if one := resolveOne(t, r.Host+"/app:1", platform.RuleExact, "linux/riscv64"); one.Digest != "" {
		t.Errorf("%q", told(one))
	}
}

func TestResolve_SingleImage(t *testing.T) {
	r := manifesttest.NewScripted(t)
	d := r.AddPlatformImage(t, "1", manifesttest.Linux("arm", "v6"))
	if one := resolveOne(t, r.Host+"/app:1", platform.RuleContainerd, "linux/arm/v7"); one.Digest != d.Digest {
		t.Errorf("%q", told(one))
	}
	if one := resolveOne(t, r.Host+"/app:1", platform.RuleContainerd, "linux/amd64"); one.Digest != "" {
		t.Errorf("%q", told(one))
	}
}

func TestResolve_Artifact(t *testing.T) {
	r := manifesttest.NewScripted(t)
	d := r.AddArtifact("artifact")
	strange := manifesttest.MissingEntry("linux/amd64")
	strange.MediaType = "application/x-thing"
	r.AddIndex(t, "1", d)
	r.AddIndex(t, "2", strange)
	for name, reason := range map[string]string{
		"/app:artifact": "its config names no platform",
		"/app:1":        "neither it nor its config names a platform",
		"/app:2":        "it is for this platform, but its type is not that of an image",
	} {
		if one := resolveOne(t, r.Host+name, platform.RuleContainerd, "linux/amd64"); one.Digest != "" || one.Candidates[0].Reason != reason {
			t.Errorf("%s: %q, want %q", name, told(one), reason)
		}
	}
}

func TestResolve_NotAManifest(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, r.Host+"/app:1", ocispec.MediaTypeImageManifest, manifesttest.Linux("amd64", ""))
	config := digest.FromBytes(manifesttest.EncodeJSON(t, ocispec.Image{Platform: manifesttest.Linux("amd64", "")}))
	_, err := Resolve(t.Context(), manifesttest.NewStore(t), r.Host+"/app@"+config.String(), platform.RuleContainerd, manifesttest.ParsePlatforms(t, "linux/amd64"))
	if !errors.Is(err, store.ErrNotFound) || !strings.Contains(err.Error(), "not of a layer or a config") {
		t.Errorf("error %v", err)
	}
	var bad *manifest.InputError
	if _, err := Resolve(t.Context(), manifesttest.NewStore(t), r.Host+"/app", platform.RuleContainerd, nil); !errors.As(err, &bad) {
		t.Errorf("without a tag: %v", err)
	}
}

// Limits of an index: 10 001 entries are none.
func TestResolve_ManyEntries(t *testing.T) {
	r := manifesttest.NewScripted(t)
	var entries []ocispec.Descriptor
	for i := range 10_000 {
		entries = append(entries, manifesttest.MissingEntry(fmt.Sprintf("windows/amd64:10.0.17763.%d", i)))
	}
	last := manifesttest.MissingEntry("linux/amd64")
	r.AddIndex(t, "1", append(entries, last)...)
	if one := resolveOne(t, r.Host+"/app:1", platform.RuleContainerd, "linux/amd64"); one.Digest != last.Digest || len(one.Candidates) != 10_001 {
		t.Errorf("%d candidates, chosen is %s", len(one.Candidates), one.Digest)
	}
}
