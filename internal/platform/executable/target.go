package executable

import "manifest-tool/internal/platform"

// Target is the platform of the image that a program file is in, with what is
// known about how to read the variants that files only hint at.
type Target struct {
	// Platform is what the image's config or an index entry declares.
	Platform platform.Platform
	// SeveralLevels is set if the index has images for several levels of the
	// architecture: a hint of a higher one then counts as stated for certain.
	// So it does if Platform declares the level.
	SeveralLevels bool
	// LoaderVariant is the variant that the image's own dynamic loader names, ""
	// if it is unknown. The loader shows for which variant the distribution in
	// the image is built.
	LoaderVariant string
}

// VariantHint is a variant that a program names in its notes or attributes and
// may not require.
type VariantHint struct {
	// Want is the variant that the platform promises, Got the higher one.
	Want string `json:"want"`
	Got  string `json:"got"`
}

// DependsOnLoader reports whether the judgement may change when the variant of
// the image's loader is known.
func (r RunResult) DependsOnLoader() bool {
	return r.Fit == FitIncompatible && r.Field == "variant" && r.Evidence.Exact != r.Got
}

// requires reports whether a file certainly requires a variant that is higher
// than low, the rank of the promised one.
func (t Target) requires(arch, variant string, low int, shared bool, got Evidence) bool {
	exact := variant == got.Exact
	switch arch {
	case "amd64":
		return t.requiresLevel(variant, exact)
	case "arm":
		return exact || t.requiresARM(low, shared, got)
	}
	return exact
}

// requiresLevel judges a level of amd64. The start files of a distribution mark
// all that is linked there with its level: x86-64-v2 in RHEL 9, v3 in RHEL 10,
// whose images are declared as linux/amd64. Processors without v2 are rare, so a
// platform without a variant is not held to v1 there. v3 is the choice of the
// image's base if the loader names it; Go's levels are the choice of a build.
func (t Target) requiresLevel(level string, exact bool) bool {
	switch {
	case t.SeveralLevels || t.Platform.Variant != "":
		return true
	case level == "v2":
		return false
	}
	return exact || variantRank("amd64", t.LoaderVariant) < variantRank("amd64", level)
}

// requiresARM judges Tag_CPU_arch, the highest of all objects. Code that is used
// after a check is common in shared objects, and in the programs of soft-float
// distributions, which are built for v5. The programs of hard-float ones are
// built for v6 (Alpine, Raspbian) or v7 (Debian): if some object is for ARMv8 or
// NEON, as of PostgreSQL or OpenSSL, only the loader shows which.
func (t Target) requiresARM(low int, shared bool, got Evidence) bool {
	base := variantRank("arm", t.LoaderVariant)
	return got.Float == "hard" && !shared && (!got.Mixed || base == 0 || base > low)
}
