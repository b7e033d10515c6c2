package platform

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// isKnownVariant reports whether a variant is one that Go (GOARM, GOAMD64 and
// others) or the image-spec's table of variants names for the architecture.
func isKnownVariant(arch, variant string) bool {
	switch arch {
	case "arm":
		return slices.Contains([]string{"v5", "v6", "v7"}, variant)
	case "arm64":
		return variant == "v9" || variant == "v9.0" || strings.HasPrefix(variant, "v8") && IsARM64Variant(variant)
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

// IsPossibleVariant reports whether a node of the architecture could have the
// variant: a known one, or a number that is not known yet but has the
// architecture's form, such as arm64/v9.4, amd64/v5 or ppc64le/power11. No node
// can have amd64/v8, arm64/v7, arm/v8 or arm/armv7hf. Of architectures that are
// not in the lists nothing is known: any variant of theirs is possible. So is "".
func IsPossibleVariant(arch, variant string) bool {
	if variant == "" || !knownArchitecture(arch) || isKnownVariant(arch, variant) {
		return true
	}
	form, ok := variantForms()[arch]
	return ok && regexp.MustCompile(`^(?:`+form+`)$`).MatchString(variant)
}

// variantForms are the forms of variants, by architecture. An architecture that
// is not here has the known ones only.
func variantForms() map[string]string {
	return map[string]string{
		"arm":     `v[3-7]`,
		"arm64":   `v(?:[89]|[1-9][0-9])(?:\.[0-9]{1,2})?`,
		"amd64":   `v[1-7]`,
		"ppc64":   `power[0-9]{1,2}`,
		"ppc64le": `power[0-9]{1,2}`,
		"riscv64": `rv[abim][0-9]{1,2}[su](?:32|64)`,
		"s390x":   `z[0-9]{1,3}|arch[0-9]{1,2}`,
		"loong64": `v[0-9](?:\.[0-9])?`,
		"wasm":    `v[0-9](?:\.[0-9])?`,
	}
}

// VariantError is a variant that no node of the architecture can have.
type VariantError struct{ Platform Platform }

// Error names the variant and the platform.
func (e *VariantError) Error() string {
	return fmt.Sprintf("variant %q, which %s cannot have (unsupported os/arch or os/arch/variant combination: %s/%s/%s)",
		e.Platform.Variant, e.Platform.Architecture, e.Platform.OS, e.Platform.Architecture, e.Platform.Variant)
}

// Hint returns what was most likely meant, or which variants there are.
func (e *VariantError) Hint() string {
	p := e.Platform
	if version, ok := WindowsVersion(p.Variant); ok && p.OS == "windows" {
		return fmt.Sprintf("%s is a version of Windows (%s), not a variant: leave it out, os.version is read from the image's config", p.Variant, version)
	}
	if number := regexp.MustCompile(`v[0-9]`).FindString(p.Variant); number != p.Variant && isKnownVariant(p.Architecture, number) {
		return "did you mean the variant " + number + "?" // v7l, x86-64-v3
	}
	switch p.Architecture + "/" + p.Variant {
	case "arm/v8", "arm/v9":
		return "64-bit ARM is the architecture arm64; 32-bit programs run on such nodes as arm/v7"
	case "amd64/v8", "amd64/v9":
		return p.Variant + " is a variant of arm64; those of amd64 are v1, v2, v3 and v4"
	case "arm64/v7", "arm64/v6", "arm64/v5":
		return p.Variant + " is a variant of arm (32-bit); those of arm64 are v8 and v9"
	}
	if known := exampleVariants(p.Architecture); known != "" {
		return "variants of " + p.Architecture + " are " + known
	}
	return p.Architecture + " has no variants: leave it out"
}

func exampleVariants(arch string) string {
	switch arch {
	case "arm":
		return "v5, v6 and v7"
	case "arm64":
		return "v8 and v9"
	case "amd64":
		return "v1, v2, v3 and v4"
	case "ppc64le", "ppc64":
		return "power8, power9 and power10"
	case "riscv64":
		return "rva20u64, rva22u64 and rva23u64"
	case "386":
		return "sse2 and softfloat"
	}
	if strings.HasPrefix(arch, "mips") {
		return "softfloat and hardfloat"
	}
	return ""
}
