package platform_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/platform"
)

func TestMisspellings(t *testing.T) {
	for _, tt := range []struct {
		os, arch, variant string
		want              []platform.Misspelling
	}{
		{"linux", "amd64", "v1", nil},
		{"linux", "arm64", "v8", nil},
		{"linux", "arm", "v6", nil},
		{"linux", "riscv64", "rva20u64", nil},
		{"windows", "386", "", nil},
		{"wasi", "wasm32", "", nil},
		{"unknown", "unknown", "", nil},
		{"", "", "", nil},
		{"plan10", "cray", "x", nil},
		{"linux", "x86_64", "", []platform.Misspelling{{"architecture", "x86_64", "amd64"}}},
		{"linux", "x86_64", "v3", []platform.Misspelling{{"architecture", "x86_64", "amd64"}}},
		{"linux", "aarch64", "", []platform.Misspelling{{"architecture", "aarch64", "arm64"}}},
		{"linux", "armv7l", "", []platform.Misspelling{{"architecture", "armv7l", "arm with variant v7"}}},
		{"linux", "armv7l", "v6", []platform.Misspelling{{"architecture", "armv7l", "arm"}}},
		{"linux", "i386", "", []platform.Misspelling{{"architecture", "i386", "386"}}},
		{"Linux", "AMD64", "V2", []platform.Misspelling{{"os", "Linux", "linux"}, {"architecture", "AMD64", "amd64"}, {"variant", "V2", "v2"}}},
		{"linux", "arm", "7", []platform.Misspelling{{"variant", "7", "v7"}}},
		{"macos", "arm64", "", []platform.Misspelling{{"os", "macos", "darwin"}}},
	} {
		p := platform.Platform{OS: tt.os, Architecture: tt.arch, Variant: tt.variant}
		if diff := cmp.Diff(tt.want, platform.Misspellings(p)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", platform.Format(p), diff)
		}
	}
}
