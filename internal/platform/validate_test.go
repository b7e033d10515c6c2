package platform_test

import (
	"errors"
	"testing"

	"manifest-tool/internal/platform"
)

func TestValidate(t *testing.T) {
	oses := []string{
		"aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "js", "linux",
		"netbsd", "openbsd", "plan9", "solaris", "wasip1", "windows",
	}
	architectures := []string{
		"386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle",
		"ppc64", "ppc64le", "riscv64", "s390x", "wasm",
	}
	for _, os := range oses {
		for _, arch := range architectures {
			warning, err := platform.Validate(platform.Platform{OS: os, Architecture: arch})
			if err != nil || warning != "" {
				t.Errorf("%s/%s: warning %q, error %v", os, arch, warning, err)
			}
		}
	}
}

func TestValidate_Unknown(t *testing.T) {
	const start = "unsupported os/arch or os/arch/variant combination: "
	tests := []struct {
		os, arch, variant string
		want, hint        string
	}{
		{"linux", "z80", "", "linux/z80/", ""},
		{"beos", "amd64", "", "beos/amd64/", ""},
		{"linux", "", "", "linux//", ""},
		{"", "amd64", "v3", "/amd64/v3", ""},
		{"", "", "", "//", ""},
		{"unknown", "unknown", "", "unknown/unknown/", ""},
		{"linux", "aarch64", "", "linux/aarch64/", "did you mean linux/arm64?"},
		{"Linux", "x86_64", "", "Linux/x86_64/", "did you mean linux/amd64?"},
		{"linux", "armhf", "", "linux/armhf/", "did you mean linux/arm/v7?"},
		{"macos", "arm64", "", "macos/arm64/", "did you mean darwin/arm64?"},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			p := platform.Platform{OS: tt.os, Architecture: tt.arch, Variant: tt.variant}
			warning, err := platform.Validate(p)
			var unsupported *platform.UnsupportedError
			if !errors.As(err, &unsupported) {
				t.Fatalf("error %v is no UnsupportedError", err)
			}
			if err.Error() != start+tt.want {
				t.Errorf("error %q, want %q", err, start+tt.want)
			}
			if got := unsupported.Hint(); got != tt.hint {
				t.Errorf("hint %q, want %q", got, tt.hint)
			}
			if warning != "" {
				t.Errorf("warning %q beside an error", warning)
			}
		})
	}
}

func TestValidate_Warnings(t *testing.T) {
	known := map[string][]string{
		"arm":      {"v5", "v6", "v7", "v8"},
		"arm64":    {"v8", "v8.0", "v8.9", "v9", "v9.5"},
		"amd64":    {"v1", "v2", "v3", "v4"},
		"ppc64le":  {"power8", "power9", "power10"},
		"riscv64":  {"rva20u64", "rva22u64", "rva23u64"},
		"mips":     {"softfloat", "hardfloat"},
		"mipsle":   {"softfloat", "hardfloat"},
		"mips64":   {"softfloat", "hardfloat"},
		"mips64le": {"softfloat", "hardfloat"},
		"386":      {"sse2", "softfloat"},
	}
	unknown := map[string][]string{
		"arm":     {"v4", "v9", "7", "V7"},
		"arm64":   {"v7", "v10", "v8.", "v8.10", "v9x"},
		"amd64":   {"v0", "v5", "v8"},
		"ppc64le": {"power7"},
		"ppc64":   {"power8"},
		"riscv64": {"rva21u64"},
		"386":     {"hardfloat"},
		"s390x":   {"z13"},
		"wasm":    {"v1"},
	}
	check := func(t *testing.T, lists map[string][]string, warns bool) {
		t.Helper()
		for arch, variants := range lists {
			for _, variant := range variants {
				warning, err := platform.Validate(platform.Platform{OS: "linux", Architecture: arch, Variant: variant})
				if err != nil {
					t.Errorf("%s/%s: %v", arch, variant, err)
				}
				if (warning != "") != warns {
					t.Errorf("%s/%s: warning %q", arch, variant, warning)
				}
			}
		}
	}
	check(t, known, false)
	check(t, unknown, true)
}
