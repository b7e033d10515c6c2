package verify

import (
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/platform"
)

func TestVerify_Platform(t *testing.T) {
	var entries []*entryCheck
	for _, text := range []string{"linux/arm64/v8", "linux/arm/v6", "windows/amd64:10.0.17763.1", "windows/amd64:10.0.20348.1"} {
		p, err := platform.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, &entryCheck{kind: manifest.KindImage, desc: ocispec.Descriptor{Platform: &p}})
	}
	byConfig := &entryCheck{kind: manifest.KindImage, configured: &platform.Platform{OS: "linux", Architecture: "s390x"}}
	entries = append(entries, byConfig, &entryCheck{kind: manifest.KindIndex, desc: entries[0].desc})
	for _, tt := range []struct {
		want string
		kept []*entryCheck
	}{
		{"linux/arm64", entries[:1]},
		{"linux/arm/v7", nil}, // it would run v6, which is not what was asked for
		{"windows/amd64", entries[2:4]},
		{"windows/amd64:10.0.17763", entries[2:3]},
		{"windows/amd64:10.0.1776", nil},
		{"linux/s390x", entries[4:5]},
	} {
		want, err := spec.ParsePlatform(tt.want)
		if err != nil {
			t.Fatal(err)
		}
		v := &verifier{opts: Options{Platform: want}}
		var own findings
		kept := v.filterByPlatform(entries, &own)
		same := len(kept) == len(tt.kept)
		for i := range kept {
			same = same && kept[i] == tt.kept[i]
		}
		if absent := len(own) == 1 && own[0].Code == CodePlatformAbsent; !same || absent != (len(tt.kept) == 0) {
			t.Errorf("%s: %d entries, findings %+v", tt.want, len(kept), own)
		}
	}
}
