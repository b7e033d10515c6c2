package output

import (
	"bytes"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest/push"
)

// plan is a plan with every field set somewhere.
func plan() push.PlanResult {
	arm := &ocispec.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}
	windows := &ocispec.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.20348.2700", OSFeatures: []string{"win32k"}}
	return push.PlanResult{
		Schema: push.PlanSchema, Ref: "reg.example/app:1", Digest: sha("1"), Size: 700, MediaType: ocispec.MediaTypeImageIndex,
		TypeReason: "the index has annotations", Skipped: []string{"reg.example/app:s390x"}, Index: "{\n  \"schemaVersion\": 2\n}",
		Entries: []push.PlannedEntry{
			{
				Digest: sha("2"), Size: 500, MediaType: ocispec.MediaTypeImageManifest, Platform: arm, Source: "other.example/app:arm",
				PlatformFrom: &push.PlatformOrigins{OS: push.OriginConfig, Architecture: push.OriginConfig, Variant: push.OriginDeclared}, Annotations: map[string]string{"a": "b"},
			},
			{
				Digest: sha("3"), Size: 501, MediaType: ocispec.MediaTypeImageManifest, Platform: windows, Source: "reg.example/base:1", ArtifactType: "application/vnd.example",
				PlatformFrom: &push.PlatformOrigins{OS: push.OriginIndex, Architecture: push.OriginIndex, OSVersion: push.OriginIndex, OSFeatures: push.OriginIndex},
			},
			{Digest: sha("4"), Size: 502, MediaType: ocispec.MediaTypeImageManifest, Source: "reg.example/base:1", Attestation: true},
		},
		Targets: []push.PlannedTarget{{
			Ref:          "reg.example/app:1",
			Tags:         []push.PlannedTag{{Tag: "1", Planned: sha("1")}, {Tag: "latest", Current: sha("5"), Planned: sha("1")}, {Tag: "x", Planned: sha("1"), Error: "denied"}},
			PlatformTags: []push.PlannedTag{{Tag: "1-linux-armv7", Planned: sha("2")}},
			Manifests:    []push.PlannedManifest{{Digest: sha("2"), Size: 500, MediaType: ocispec.MediaTypeImageManifest, From: "other.example/app:arm"}},
			Blobs: []push.PlannedBlob{
				{Digest: sha("6"), Size: 2048, MediaType: ocispec.MediaTypeImageConfig, Action: push.ActionCopy, From: "other.example/app"},
				{Digest: sha("7"), Size: 4096, MediaType: ocispec.MediaTypeImageLayerGzip, Action: push.ActionMount, From: "reg.example/base"},
			},
		}},
	}
}

// unchangedPlan is a plan that writes nothing.
func unchangedPlan() push.PlanResult {
	p := plan()
	p.Unchanged, p.Entries, p.Skipped = true, p.Entries[1:2], []string{}
	p.Targets = []push.PlannedTarget{{Ref: "reg.example/app:1", Tags: []push.PlannedTag{{Tag: "1", Current: sha("1"), Planned: sha("1")}}, Manifests: []push.PlannedManifest{}, Blobs: []push.PlannedBlob{}}}
	return p
}

func TestPlanText(t *testing.T) {
	for golden, p := range map[string]push.PlanResult{"plan.txt": plan(), "plan-unchanged.txt": unchangedPlan()} {
		var out bytes.Buffer
		if err := (Printer{Out: &out}).PrintPlan(p); err != nil {
			t.Fatal(err)
		}
		checkGoldenOf(t, "push", golden, out.Bytes())
	}
}
