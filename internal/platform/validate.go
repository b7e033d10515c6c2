package platform

import (
	"fmt"
	"regexp"
	"slices"

	"manifest-tool/internal/suggest"
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
// for linux/aarch64, or explains what is wrong, or else names the flag that allows
// any platform. It is "" for a platform that cannot be written.
func (e *UnsupportedError) Hint() string {
	n := Respell(e.Platform)
	if n := (Platform{OS: n.OS, Architecture: n.Architecture, Variant: n.Variant}); isKnownPair(n) {
		return "did you mean " + Format(n) + "?"
	}
	if reason := e.explain(); reason != "" || !isValidSyntax(e.Platform) {
		return reason
	}
	const allow = "--allow-unknown-platform publishes it all the same, for runtimes that know the name"
	near := Platform{OS: closest(n.OS, knownOSes()), Architecture: closest(n.Architecture, KnownArchitectures())}
	if isKnownPair(near) {
		return "did you mean " + Format(near) + "? " + allow
	}
	return allow
}

// explain returns the hint for a platform that no runtime could know: a part is
// missing or unknown, it contradicts itself, or it has a version in the place of the
// architecture. It is "" for any other.
func (e *UnsupportedError) explain() string {
	p := e.Platform
	_, _, contradiction := canonical(p.Architecture, p.Variant)
	version, named := WindowsVersion(p.Architecture)
	isUnset := func(s string) bool { return s == "" || s == unsetText }
	missing := ""
	switch {
	case isUnset(p.OS) && isUnset(p.Architecture):
		missing = "os and architecture"
	case contradiction != nil:
		return contradiction.Error() + ": leave one of them out"
	case named && (p.OS == "windows" || isUnset(p.OS)):
		return fmt.Sprintf("%s is a version of Windows (%s), not an architecture: write windows/amd64, os.version is read from the image's config", p.Architecture, version)
	case isUnset(p.OS):
		missing = "os"
	case isUnset(p.Architecture):
		missing = "architecture"
	default:
		return ""
	}
	return fmt.Sprintf("the image's config does not state %s, and it is not declared: write it under platform in the spec", missing)
}

// Validate checks whether p can be published. Os and architecture have to be
// known ones, each by its own list, so windows/s390x passes; wasi and wasip2
// are for wasm only. With allowUnknown, any name of valid syntax passes, except an
// architecture that contradicts its variant, such as armv7l with v6. The error
// is an [*UnsupportedError]. A variant that no node of the architecture can have
// is a [*VariantError]; a number of a known form that is not known yet passes,
// with a warning to be shown.
// Source: issues 2 and 11; the lists are v2's, which are Go's.
func Validate(p Platform, allowUnknown bool) (warning string, err error) {
	_, _, contradiction := canonical(p.Architecture, p.Variant)
	if !isKnownPair(p) && (!allowUnknown || !isValidSyntax(p) || contradiction != nil) {
		return "", &UnsupportedError{Platform: p}
	}
	switch {
	case !IsPossibleVariant(p.Architecture, p.Variant):
		return "", &VariantError{Platform: p}
	case p.Variant == "" || isKnownVariant(p.Architecture, p.Variant) || !knownArchitecture(p.Architecture):
		return "", nil
	}
	return fmt.Sprintf("platform %s: variant %q of %s is not a known one", Format(p), p.Variant, p.Architecture), nil
}

// closest returns the known name that a name most likely means.
func closest(name string, known []string) string {
	near := suggest.Closest(name, known)
	if near == "" || near[0] != name[0] {
		return ""
	}
	return near
}

// isKnownPair reports whether os and architecture are known and go together.
func isKnownPair(p Platform) bool {
	if (p.OS == "wasi" || p.OS == "wasip2") && p.Architecture != "wasm" {
		return false
	}
	return IsKnownOS(p.OS) && knownArchitecture(p.Architecture)
}

// isValidSyntax reports whether a platform can be written as os/arch[/variant].
func isValidSyntax(p Platform) bool {
	part := regexp.MustCompile(`^[A-Za-z0-9_.-]{1,128}$`)
	return part.MatchString(p.OS) && part.MatchString(p.Architecture) && (p.Variant == "" || part.MatchString(p.Variant))
}

// IsKnownOS reports whether s is an operating system that Go or the OCI
// image-spec names, or one of WebAssembly's.
func IsKnownOS(s string) bool {
	return slices.Contains(knownOSes(), s)
}

func knownOSes() []string {
	return []string{
		"aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "js", "linux",
		"netbsd", "openbsd", "plan9", "solaris", "wasi", "wasip1", "wasip2", "windows",
	}
}

func knownArchitecture(s string) bool { return slices.Contains(KnownArchitectures(), s) }

// KnownArchitectures lists the architectures that Go or the OCI image-spec names.
func KnownArchitectures() []string {
	return []string{
		"386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle",
		"ppc64", "ppc64le", "riscv64", "s390x", "wasm",
	}
}

// IsARM64Variant reports whether s has the form of a 64-bit ARM variant, v8 or
// v9 with an optional minor number.
func IsARM64Variant(s string) bool {
	return regexp.MustCompile(`^v[89](\.[0-9])?$`).MatchString(s)
}
