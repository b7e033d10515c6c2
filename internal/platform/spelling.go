package platform

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/containerd/platforms"
)

// Respell returns p in the names that an index has, for platforms that people
// and builders write: upper case, macos, x86_64, aarch64, armv7l, ppc64el, and a
// variant without its v. It is the same for flags, specs and configs. A name
// that it does not know stays as it is, and so does a variant that contradicts
// the architecture: whether a platform can be published is the question of
// [Validate].
func Respell(p Platform) Platform {
	if os := platforms.Normalize(Platform{OS: p.OS, Architecture: "amd64"}).OS; p.OS != "" {
		p.OS = os
	}
	arch, variant, err := canonical(p.Architecture, p.Variant)
	if err != nil {
		return p
	}
	p.Architecture, p.Variant = arch, variant
	return p
}

// Misspelling is a field of a platform that is not spelled as in an index.
type Misspelling struct {
	// Field is the field's JSON name.
	Field string
	// Written is the value as it is, Right the usual spelling.
	Written, Right string
}

// Misspellings returns the fields that [Respell] changes: runtimes that compare
// text, such as Podman, do not recognize them. wasm32 is not among them: it is an
// older name of wasm, by which some runtimes choose.
// Source: issue 12.
func Misspellings(p Platform) []Misspelling {
	right, s := Respell(p), spell(p.Architecture)
	architecture := s.arch
	switch {
	case p.Architecture == "wasm32":
		architecture = p.Architecture
	case p.Variant == "" && s.variant != "":
		architecture += " with variant " + s.variant
	}
	var found []Misspelling
	for _, f := range []Misspelling{{"os", p.OS, right.OS}, {"architecture", p.Architecture, architecture}, {"variant", p.Variant, right.Variant}} {
		if f.Written != "" && f.Written != f.Right {
			found = append(found, f)
		}
	}
	return found
}

// spelling is what the name of an architecture means.
type spelling struct{ arch, variant string }

// joinedVariant is an architecture and its variant in one word.
var joinedVariant = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`^(amd64|arm64)(v[0-9]+(?:\.[0-9]+)?)$`)
})

// spell returns the architecture that a name means. The variant is "" if the
// name does not state one, as arm and amd64.
func spell(name string) spelling {
	lower := strings.ToLower(name)
	if m := joinedVariant().FindStringSubmatch(lower); m != nil {
		return spelling{m[1], strings.TrimSuffix(m[2], ".0")} // arm64v8 of Docker's official images, amd64v1 of GoReleaser
	}
	switch lower {
	case "x64", "x86_64h":
		return spelling{"amd64", ""}
	case "x86", "ia32", "i486", "i586", "i686":
		return spelling{"386", ""}
	case "arm32v5", "armv5", "armv5l", "armv5te", "armv5tel":
		return spelling{"arm", "v5"}
	case "arm32v6", "armv6", "armv6l", "armv6hf", "armv6hl":
		return spelling{"arm", "v6"}
	case "arm32v7", "armv7", "armv7a", "armv7l", "armv7hf", "armv7hl":
		return spelling{"arm", "v7"}
	case "arm32":
		return spelling{"arm", ""}
	case "ppc64el", "powerpc64le":
		return spelling{"ppc64le", ""}
	case "powerpc64":
		return spelling{"ppc64", ""}
	case "mips64el":
		return spelling{"mips64le", ""}
	case "mipsel":
		return spelling{"mipsle", ""}
	case "loongarch64":
		return spelling{"loong64", ""}
	case "wasm32":
		return spelling{"wasm", ""}
	}
	n := platforms.Normalize(Platform{Architecture: name})
	if lower == n.Architecture {
		return spelling{n.Architecture, ""} // arm alone does not state a variant
	}
	return spelling{n.Architecture, n.Variant}
}

// canonical spells an architecture and its variant as an index does. A variant
// that was written is never folded into "no variant", as containerd folds
// amd64/v1: index bytes would change.
func canonical(arch, variant string) (string, string, error) {
	s := spell(arch)
	if variant == "" {
		return s.arch, s.variant, nil
	}
	variant = strings.ToLower(variant)
	switch s.arch {
	case "amd64", "arm", "arm64":
		if trimmed := strings.TrimSuffix(variant, ".0"); IsPossibleVariant(s.arch, "v"+strings.TrimPrefix(trimmed, "v")) {
			variant = trimmed // 8 for 8.0, v8 for v8.0
		}
		if variant[0] >= '0' && variant[0] <= '9' && IsPossibleVariant(s.arch, "v"+variant) {
			variant = "v" + variant // 7 for v7
		}
	}
	if s.variant != "" && s.variant != variant {
		return "", "", fmt.Errorf("%s means %s/%s, which is not variant %s", arch, s.arch, s.variant, variant)
	}
	return s.arch, variant, nil
}
