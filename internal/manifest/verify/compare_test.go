package verify

import (
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest/manifesttest"
)

func TestVerify_Platform(t *testing.T) {
	from := manifesttest.NewScripted(t)
	names := map[string]string{}
	var entries []ocispec.Descriptor
	for _, text := range []string{"linux/arm64/v8", "linux/arm/v6", "windows/amd64:10.0.17763.1", "windows/amd64:10.0.20348.1"} {
		d := from.AddPlatformImage(t, "", manifesttest.ParsePlatforms(t, text)[0])
		names[d.Digest.String()], entries = text, append(entries, d)
	}
	undeclared := from.AddPlatformImage(t, "", manifesttest.Linux("s390x", ""))
	undeclared.Platform = nil
	names[undeclared.Digest.String()] = "undeclared"
	inner := from.AddIndex(t, "inner", undeclared)
	from.AddIndex(t, "flat", append(entries, undeclared)...)
	from.AddIndex(t, "nested", append(entries, inner)...)
	names[inner.Digest.String()] = "index"
	for _, tt := range []struct{ tag, want, kept string }{
		{"flat", "linux/arm64", "linux/arm64/v8 "},
		{"flat", "linux/arm/v7", "linux/arm/v6 "},
		{"flat", "windows/amd64", "windows/amd64:10.0.17763.1 "},
		{"flat", "windows/amd64:10.0.20348", "windows/amd64:10.0.20348.1 "},
		{"flat", "windows/amd64:10.0.1776", ""},
		{"flat", "linux/s390x", "undeclared "},
		{"flat", "linux/riscv64", ""},
		{"nested", "linux/s390x", "index undeclared "},
		{"inner", "linux/s390x", "undeclared "},
	} {
		want := manifesttest.ParsePlatforms(t, tt.want)[0]
		from.ResetRequests()
		v, err := Verify(t.Context(), manifesttest.NewStore(t), []string{from.Host + "/app:" + tt.tag}, Options{Platform: &want, Binaries: BinariesNone})
		if err != nil || v.Err() != nil {
			t.Fatal(err, v.Err())
		}
		kept, absent := "", false
		for _, e := range v.Images[0].Entries {
			kept += names[e.Digest.String()] + " "
		}
		for _, f := range v.Images[0].Findings {
			absent = absent || f.Code == CodePlatformAbsent
		}
		if kept != tt.kept || absent != (tt.kept == "") {
			t.Errorf("%s of %s: %q, findings %+v", tt.want, tt.tag, kept, v.Images[0].Findings)
		}
		seen := map[string]bool{}
		for _, r := range from.Requests() {
			if seen[r] {
				t.Errorf("%s of %s: %s was sent twice", tt.want, tt.tag, r)
			}
			seen[r] = true
		}
	}
}

// TestIsChosen has variants that only containerd's nodes of another architecture take.
func TestIsChosen(t *testing.T) {
	for text, want := range map[string]bool{
		"linux/arm/v8": true, "linux/arm/v7": true, "linux/arm/v9": false, "linux/arm/v8.1": false, "linux/amd64/v8": false, "linux/arm64/v8": true,
	} {
		if got := isChosen(manifesttest.ParsePlatforms(t, text)[0]); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
}
