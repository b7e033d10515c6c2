package platform

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// UnsupportedError is an os or an architecture that is not in the lists. Its
// message ends v2's sentence "manifest entry for image X has …".
type UnsupportedError struct {
	Platform Platform
}

// Error names os, architecture and variant, each as it is, absent ones empty.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("unsupported os/arch or os/arch/variant combination: %s/%s/%s",
		e.Platform.OS, e.Platform.Architecture, e.Platform.Variant)
}

// Hint returns the spelling that would have been accepted, such as linux/arm64
// for linux/aarch64, or "".
func (e *UnsupportedError) Hint() string {
	n := Canonical(e.Platform)
	if !IsKnownOS(n.OS) || !knownArchitecture(n.Architecture) {
		return ""
	}
	return "did you mean " + Format(Platform{OS: n.OS, Architecture: n.Architecture, Variant: n.Variant}) + "?"
}

// Validate checks os and architecture of p, each by its own list, so
// windows/s390x passes; an error is an [*UnsupportedError]. A variant that is
// not known for the architecture passes too, with a warning to be shown.
// Source: issue 2; the lists are v2's, which are Go's.
func Validate(p Platform) (warning string, err error) {
	if !IsKnownOS(p.OS) || !knownArchitecture(p.Architecture) {
		return "", &UnsupportedError{Platform: p}
	}
	if p.Variant == "" || knownVariant(p.Architecture, p.Variant) {
		return "", nil
	}
	return fmt.Sprintf("platform %s: variant %q of %s is not a known one", Format(p), p.Variant, p.Architecture), nil
}

// IsKnownOS reports whether s is an operating system that Go or the OCI
// image-spec names.
func IsKnownOS(s string) bool {
	return slices.Contains([]string{
		"aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "js", "linux",
		"netbsd", "openbsd", "plan9", "solaris", "wasip1", "windows",
	}, s)
}

func knownArchitecture(s string) bool {
	return slices.Contains([]string{
		"386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle",
		"ppc64", "ppc64le", "riscv64", "s390x", "wasm",
	}, s)
}

var arm64Variant = regexp.MustCompile(`^v[89](\.[0-9])?$`)

// IsARM64Variant reports whether s has the form of a 64-bit ARM variant, v8 or
// v9 with an optional minor number.
func IsARM64Variant(s string) bool { return arm64Variant.MatchString(s) }

// knownVariant follows the values of Go's GOARM, GOAMD64 and their sisters,
// and of the image-spec's table of variants.
func knownVariant(arch, variant string) bool {
	switch arch {
	case "arm":
		return slices.Contains([]string{"v5", "v6", "v7", "v8"}, variant)
	case "arm64":
		return IsARM64Variant(variant)
	case "amd64":
		return slices.Contains([]string{"v1", "v2", "v3", "v4"}, variant)
	case "ppc64le":
		return slices.Contains([]string{"power8", "power9", "power10"}, variant)
	case "riscv64":
		return slices.Contains([]string{"rva20u64", "rva22u64", "rva23u64"}, variant)
	case "386":
		return variant == "sse2" || variant == "softfloat"
	}
	return strings.HasPrefix(arch, "mips") && (variant == "softfloat" || variant == "hardfloat")
}
