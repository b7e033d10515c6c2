package platform_test

import (
	"errors"
	"fmt"
	"strings"
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
			warning, err := platform.Validate(platform.Platform{OS: os, Architecture: arch}, false)
			if err != nil || warning != "" {
				t.Errorf("%s/%s: warning %q, error %v", os, arch, warning, err)
			}
		}
	}
}

func TestValidate_Unknown(t *testing.T) {
	const allow = "--allow-unknown-platform publishes it all the same, for runtimes that know the name"
	const missing = "the image's config does not state %s, and it is not declared: write it under platform in the spec"
	const start = "unsupported os/arch or os/arch/variant combination: "
	tests := []struct {
		os, arch, variant string
		want, hint        string
	}{
		{"linux", "z80", "", "linux/z80/", allow},
		{"beos", "amd64", "", "beos/amd64/", allow},
		{"qemu", "x86_64", "", "qemu/x86_64/", allow},
		{"wasi", "amd64", "", "wasi/amd64/", allow},
		{"linux", "amd 64", "", "linux/amd 64/", ""},
		{"linux", "", "", "linux//", fmt.Sprintf(missing, "architecture")},
		{"", "amd64", "v3", "/amd64/v3", fmt.Sprintf(missing, "os")},
		{"", "", "", "//", fmt.Sprintf(missing, "os and architecture")},
		{"unknown", "unknown", "", "unknown/unknown/", fmt.Sprintf(missing, "os and architecture")},
		{"windows", "ltsc2022", "", "windows/ltsc2022/", "ltsc2022 is a version of Windows (10.0.20348), not an architecture: write windows/amd64, os.version is read from the image's config"},
		{"linux", "armv7l", "v6", "linux/armv7l/v6", "armv7l means arm/v7, which is not variant v6: leave one of them out"},
		{"linx", "amd64", "", "linx/amd64/", "did you mean linux/amd64? " + allow},
		{"linux", "riscv", "", "linux/riscv/", "did you mean linux/riscv64? " + allow},
		{"win", "amd64", "", "win/amd64/", "did you mean windows/amd64? " + allow},
		{"zos", "s390x", "", "zos/s390x/", allow},
		{"linux", "arm64v9", "", "linux/arm64v9/", "did you mean linux/arm64/v9?"},
		{"linux", "aarch64", "", "linux/aarch64/", "did you mean linux/arm64?"},
		{"Linux", "x86_64", "", "Linux/x86_64/", "did you mean linux/amd64?"},
		{"linux", "armhf", "", "linux/armhf/", "did you mean linux/arm/v7?"},
		{"linux", "armv7l", "", "linux/armv7l/", "did you mean linux/arm/v7?"},
		{"macos", "arm64", "", "macos/arm64/", "did you mean darwin/arm64?"},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			p := platform.Platform{OS: tt.os, Architecture: tt.arch, Variant: tt.variant}
			warning, err := platform.Validate(p, false)
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

func TestValidate_AllowUnknown(t *testing.T) {
	for text, want := range map[string]bool{
		"zos/s390x": true, "linux/sw64": true, "linux/sparc64": true, "linux/m68k/68020": true, "qemu/x86_64": true,
		"unknown/unknown": true, "haiku/amd64/v3": true, "/amd64": false, "linux/": false, "lin ux/amd64": false,
		"linux/sw 64": false, "haiku/amd64/v8": false, "linux/arm/armv7hf": false, "linux/armv7l/v6": false,
	} {
		warning, err := platform.Validate(split(text), true)
		if (err == nil) != want || warning != "" {
			t.Errorf("%s: warning %q, error %v", text, warning, err)
		}
	}
}

// split cuts os/arch/variant without respelling anything.
func split(text string) platform.Platform {
	parts := append(strings.Split(text, "/"), "")
	return platform.Platform{OS: parts[0], Architecture: parts[1], Variant: parts[2]}
}

func TestValidate_Variants(t *testing.T) {
	for want, list := range map[string]map[string]string{
		"known": {
			"arm": "v5 v6 v7", "arm64": "v8 v8.0 v8.9 v9 v9.0", "amd64": "v1 v2 v3 v4", "386": "sse2 softfloat",
			"ppc64le": "power8 power9 power10", "riscv64": "rva20u64 rva22u64 rva23u64",
			"mips": "softfloat hardfloat", "mipsle": "softfloat hardfloat", "mips64": "softfloat hardfloat", "mips64le": "softfloat hardfloat",
		},
		"warning": {
			"arm": "v4", "arm64": "v8.10 v9.4 v10", "amd64": "v5 v7", "ppc64le": "power7 power11", "ppc64": "power8",
			"riscv64": "rva21u64 rva30u64 rvb23u64 rvi20u64", "s390x": "z13 z17", "wasm": "v1", "loong64": "v1.1",
		},
		"error": {
			"arm": "v8 v9 V7 armv7hf armhf hf 1809 v7hf v7l", "arm64": "v7 v6 v8. v9x v8a aarch64 armv8 arm64v8",
			"amd64": "v0 v8 v9 v3a x86-64-v3 1809 ltsc2022 20H2", "ppc64le": "v8 power", "riscv64": "v8 rv64gc",
			"386": "hardfloat i686 v1", "s390x": "v7", "mips": "v7", "wasm": "wasi", "loong64": "1809",
		},
	} {
		for arch, variants := range list {
			for variant := range strings.FieldsSeq(variants) {
				if got := classOfVariant(t, arch, variant); got != want {
					t.Errorf("%s/%s: %s, want %s", arch, variant, got, want)
				}
			}
		}
	}
	if !platform.IsPossibleVariant("sparc64", "niagara") {
		t.Error("a variant of an unknown architecture is called impossible")
	}
}

func classOfVariant(t *testing.T, arch, variant string) string {
	t.Helper()
	warning, err := platform.Validate(platform.Platform{OS: "linux", Architecture: arch, Variant: variant}, false)
	var impossible *platform.VariantError
	switch {
	case errors.As(err, &impossible) && warning == "" && impossible.Hint() != "":
		return "error"
	case err != nil:
		t.Error(err)
	case warning != "":
		return "warning"
	}
	return "known"
}

func TestVariantError_Hint(t *testing.T) {
	for text, want := range map[string]string{
		"linux/arm/armv7hf":      "did you mean the variant v7?",
		"linux/arm/v8":           "64-bit ARM is the architecture arm64; 32-bit programs run on such nodes as arm/v7",
		"linux/arm64/v7":         "v7 is a variant of arm (32-bit); those of arm64 are v8 and v9",
		"linux/arm64/arm64v8":    "did you mean the variant v8?",
		"linux/amd64/v8":         "v8 is a variant of arm64; those of amd64 are v1, v2, v3 and v4",
		"windows/amd64/1809":     "1809 is a version of Windows (10.0.17763), not a variant: leave it out, os.version is read from the image's config",
		"windows/amd64/ltsc2022": "ltsc2022 is a version of Windows (10.0.20348), not a variant: leave it out, os.version is read from the image's config",
		"linux/amd64/x86-64-v3":  "did you mean the variant v3?",
		"linux/arm/v7l":          "did you mean the variant v7?",
		"linux/arm64/armv8":      "did you mean the variant v8?",
		"linux/amd64/1809":       "variants of amd64 are v1, v2, v3 and v4",
		"linux/s390x/v7":         "s390x has no variants: leave it out",
	} {
		_, err := platform.Validate(split(text), false)
		var impossible *platform.VariantError
		if !errors.As(err, &impossible) || impossible.Hint() != want {
			t.Errorf("%s: %v, hint %q", text, err, impossible.Hint())
		}
	}
}
