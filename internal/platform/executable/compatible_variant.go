package executable

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"manifest-tool/internal/platform"
)

// variantRanks returns the variants of an architecture, each of which runs the
// programs of those before it.
func variantRanks(arch string) []string {
	switch arch {
	case "amd64":
		return []string{"v1", "v2", "v3", "v4"}
	case "arm":
		return []string{"v5", "v6", "v7", "v8"}
	case "ppc64le":
		return []string{"power8", "power9", "power10"}
	case "riscv64":
		return []string{"rva20u64", "rva22u64", "rva23u64"}
	}
	return nil
}

// variantRank returns the place of a variant among those of its architecture, from
// 1 on, and 0 for one that has none. v9 of arm64 is v8.5 and more.
func variantRank(arch, variant string) int {
	if arch != "arm64" {
		return slices.Index(variantRanks(arch), variant) + 1
	}
	if !platform.IsARM64Variant(variant) {
		return 0
	}
	major, minor, _ := strings.Cut(strings.TrimPrefix(variant, "v"), ".")
	step, _ := strconv.Atoi(minor)
	if major == "9" {
		return 6 + step
	}
	return 1 + step
}

// baselineVariant returns the variant that an architecture without one means.
func baselineVariant(arch, variant string) string {
	switch {
	case variant != "":
		return variant
	case arch == "arm":
		return "v7"
	case arch == "arm64":
		return "v8"
	}
	if levels := variantRanks(arch); levels != nil {
		return levels[0]
	}
	return ""
}

// compareVariant compares the variant that the file states for certain, then the
// one that it hints at.
func (j *RunResult) compareVariant(t Target, on platform.Platform, shared bool, got Evidence) {
	arch, want := on.Architecture, baselineVariant(on.Architecture, on.Variant)
	for _, variant := range []string{got.Exact, got.Platform.Variant} {
		high, low := variantRank(arch, variant), variantRank(arch, want)
		switch {
		case variant == "" || variant == want || j.Fit == FitIncompatible:
		case high == 0 || low == 0:
			j.decide(FitUnknown, "variant", want, variant,
				fmt.Sprintf("built for %s/%s, which cannot be compared with %s", arch, variant, want))
		case high > low && !t.requires(arch, variant, low, shared, got):
			j.Hint = &VariantHint{Want: want, Got: variant}
		case high > low:
			j.decide(FitIncompatible, "variant", want, variant,
				fmt.Sprintf("built for %s/%s, and only %s/%s is promised", arch, variant, arch, want))
		}
	}
}

// compareFloat notes a floating point convention that does not go with the
// variant: it decides which libraries a program can be linked to, not whether
// the processor runs it.
func (j *RunResult) compareFloat(on platform.Platform, got Evidence) {
	usual := ""
	switch {
	case on.Architecture == "arm" && baselineVariant("arm", on.Variant) == "v5", on.Variant == "softfloat":
		usual = "soft"
	case on.Architecture == "arm", on.Variant == "hardfloat", on.Architecture == "riscv64", on.Architecture == "loong64":
		usual = "hard"
	}
	if usual != "" && got.Float != "" && usual != got.Float {
		j.Note = fmt.Sprintf("its calls are %s-float, those of %s usually %s-float",
			got.Float, platform.Format(platform.Platform{OS: on.OS, Architecture: on.Architecture, Variant: on.Variant}), usual)
	}
}

// describe writes evidence as a platform, with only what is known.
func describe(e Evidence) string {
	s := e.Platform.Architecture
	if e.Platform.OS != "" {
		s = e.Platform.OS + "/" + s
	}
	if e.Platform.Variant != "" {
		s += "/" + e.Platform.Variant
	}
	return s
}

// FieldFloat is the Field of a Judgement that no field of a platform decided,
// but the floating point convention: "hard" or "soft".
const FieldFloat = "float"

// CheckLoader judges whether a program's loader can be loaded into the program's
// process: that takes the same architecture, which the kernel demands, and the
// same floating point convention where both state one. The kernel does not look
// at that; the loader passes numbers as it was built to, and refuses libraries
// of the other kind.
// Source: Linux, fs/binfmt_elf.c; glibc, sysdeps/unix/sysv/linux/arm/ldsodefs.h
// and sysdeps/mips/dl-machine-reject-phdr.h.
func CheckLoader(program, loader Executable) RunResult {
	if len(program.Platforms) != 1 || len(loader.Platforms) != 1 {
		return RunResult{Fit: FitUnknown, Reason: loader.Detail}
	}
	want, got := program.Platforms[0], loader.Platforms[0]
	j := RunResult{Fit: FitNative, Evidence: &got, Reason: "built for " + describe(got)}
	a, b := want.Platform.Architecture, got.Platform.Architecture
	switch {
	case a != b:
		j.decide(FitIncompatible, "architecture", a, b, fmt.Sprintf("the program is built for %s, its loader for %s", a, b))
	case want.Float != "" && got.Float != "" && want.Float != got.Float:
		j.decide(FitIncompatible, FieldFloat, want.Float, got.Float,
			fmt.Sprintf("the program's calls are %s-float, its loader's %s-float", want.Float, got.Float))
	}
	return j
}
