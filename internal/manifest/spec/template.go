package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/suggest"
)

// archNames are the names that a template writes for architectures, by ARCH or
// ARCH/VARIANT.
type archNames map[string]string

// archNamesFromArgs reads comma lists of ARCH[/VARIANT]=NAME. Other spellings of an
// architecture are read as in --platforms. An architecture is a known one, or one of
// the platforms.
func archNamesFromArgs(values []string, platforms []platform.Platform) (archNames, error) {
	names := make(archNames)
	for _, pair := range manifest.SplitList(values) {
		key, name, ok := strings.Cut(pair, "=")
		arch, variant, _ := strings.Cut(key, "/")
		if !ok || arch == "" || !reference.IsTag(name) {
			return nil, manifest.InputErrorf("--arch-name must be ARCH=NAME or ARCH/VARIANT=NAME, such as amd64=x86_64, not %q", pair)
		}
		p := platform.Respell(platform.Platform{Architecture: arch, Variant: variant})
		if err := checkArchName(p, platforms); err != nil {
			return nil, err
		}
		key = joinArch(p)
		if before, given := names[key]; given && before != name {
			return nil, manifest.InputErrorf("--arch-name: %s has two names, %q and %q", key, before, name)
		}
		names[key] = name
	}
	return names, nil
}

// checkArchName refuses a key of --arch-name that no platform can have: the name
// would have no effect. A known one that is not among the platforms is fine, since
// settings have names for all.
func checkArchName(p platform.Platform, platforms []platform.Platform) error {
	hint := ""
	isPlatform := func(o platform.Platform) bool { return o.Architecture == p.Architecture }
	switch known := platform.KnownArchitectures(); {
	case !platform.IsPossibleVariant(p.Architecture, p.Variant):
		hint = (&platform.VariantError{Platform: p}).Hint()
	case slices.Contains(known, p.Architecture), slices.ContainsFunc(platforms, isPlatform):
		return nil
	case platform.IsKnownOS(p.Architecture):
		hint = fmt.Sprintf("leave out %s/: the name is for an architecture, whatever the os", p.Architecture)
	default:
		hint = suggest.Hint(p.Architecture, known)
	}
	return &manifest.InputError{Err: fmt.Errorf("--arch-name: %q is not an architecture that a platform has", joinArch(p)), HintText: hint}
}

// values returns what a template writes for p. A name for an architecture with its
// variant replaces both: VARIANT is then empty.
func (n archNames) values(p platform.Platform) platform.Platform {
	if name, ok := n[joinArch(p)]; ok {
		p.Architecture, p.Variant = name, ""
	} else if name, ok := n[p.Architecture]; ok {
		p.Architecture = name
	}
	return p
}

func joinArch(p platform.Platform) string {
	if p.Variant == "" {
		return p.Architecture
	}
	return p.Architecture + "/" + p.Variant
}

// expandTemplate puts the values of p in place of OS, ARCH and VARIANT in
// template, wherever they are. A run of upper-case letters is replaced as a
// whole, when it consists of these words alone (OS, ARCHVARIANT), and left
// alone otherwise: CENTOS-ARCH holds one placeholder, not two. A platform
// without variant gives an empty text for VARIANT.
func expandTemplate(template string, p platform.Platform) string {
	var out strings.Builder
	for template != "" {
		run := leadingUppercase(template)
		if run == "" {
			out.WriteByte(template[0])
			template = template[1:]
			continue
		}
		value, ok := expandPlaceholders(run, p)
		if !ok {
			value = run
		}
		out.WriteString(value)
		template = template[len(run):]
	}
	return out.String()
}

// checkTemplate rejects a placeholder in the form of a shell variable or a Go
// template, such as ${OS}: its braces would become part of the name.
func checkTemplate(template string) error {
	for _, m := range regexp.MustCompile(`\$\{?\.?([A-Z]+)\}?|\{+ *\.?([A-Z]+) *\}+`).FindAllStringSubmatch(template, -1) {
		word := m[1] + m[2]
		if _, ok := expandPlaceholders(word, platform.Platform{}); !ok {
			continue
		}
		return &manifest.InputError{
			Err:      fmt.Errorf("the template %q contains %q", reference.RedactUserinfo(template), m[0]),
			HintText: fmt.Sprintf("write %s for %s: OS, ARCH and VARIANT have no $ and no braces", word, m[0]),
		}
	}
	return nil
}

// leadingUppercase returns the capital letters s begins with.
func leadingUppercase(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool { return r < 'A' || r > 'Z' })
	if end < 0 {
		return s
	}
	return s[:end]
}

// expandPlaceholders reports whether run is made of placeholders alone, and what they
// become. The three begin with different letters, so there is one way to read it.
func expandPlaceholders(run string, p platform.Platform) (string, bool) {
	value := ""
	for run != "" {
		var rest string
		var ok bool
		if rest, ok = strings.CutPrefix(run, "OS"); ok {
			value += p.OS
		} else if rest, ok = strings.CutPrefix(run, "ARCH"); ok {
			value += p.Architecture
		} else if rest, ok = strings.CutPrefix(run, "VARIANT"); ok {
			value += p.Variant
		} else {
			return "", false
		}
		run = rest
	}
	return value, true
}
