package platform

import (
	"slices"
	"strings"
)

// Complete completes a declared platform from an image's config and returns the
// result; both arguments stay as they are. Os and architecture come from the
// config where they are not declared. The variant does too, but only when the
// architecture is then the config's, and os.version and os.features only when
// the os is: a declared architecture must not inherit another one's variant.
// What comes from the config is spelled as [Respell] spells it, and so is a variant
// that is declared without an architecture.
// Source: issues 2 and 11.
func Complete(declared, configured Platform) Platform {
	p, configured := declared, Respell(configured)
	p.OSFeatures = slices.Clone(declared.OSFeatures)
	if p.OS == "" {
		p.OS = configured.OS
	}
	p = withArchitecture(p, configured)
	n, c := Canonical(p), Canonical(configured)
	if p.Variant == "" && n.Architecture == c.Architecture {
		p.Variant = configured.Variant
	}
	if n.OS != c.OS {
		return p
	}
	if p.OSVersion == "" {
		p.OSVersion = configured.OSVersion
	}
	if len(p.OSFeatures) == 0 {
		p.OSFeatures = slices.Clone(configured.OSFeatures)
	}
	return p
}

// withArchitecture takes the architecture from a respelled config where none is
// declared. Only then is it known what a declared variant, such as 7, means.
func withArchitecture(declared, configured Platform) Platform {
	if declared.Architecture != "" {
		return declared
	}
	p := Respell(Platform{Architecture: configured.Architecture, Variant: declared.Variant})
	declared.Architecture, declared.Variant = p.Architecture, p.Variant
	return declared
}

// Conflict is one field in which a declared platform and an image's config
// contradict each other.
type Conflict struct {
	// Field is the field's JSON name in an index, such as "os.version".
	Field string
	// Declared and Configured are the two values as they are written;
	// os.features are joined by commas.
	Declared, Configured string
}

// Conflicts returns the fields that both platforms set to different things, in
// the order os, architecture, variant, os.version, os.features. Values are
// compared in containerd's spelling: arm64 is arm64/v8, x86_64 is amd64, arm
// is arm/v7. Features are compared as sets. Variants of different architectures
// are not compared. The arguments stay as they are.
func Conflicts(declared, configured Platform) []Conflict {
	respelled := Respell(configured)
	if declared.Variant != "" {
		declared.Variant = withArchitecture(declared, respelled).Variant
	}
	d, c := Canonical(withArchitecture(declared, respelled)), Canonical(respelled)
	var found []Conflict
	compare := func(field, declared, configured string, same bool) {
		// Equal texts may still normalise apart (v8 of arm64 and of arm);
		// the architecture is then what differs, and is named.
		if declared == "" || configured == "" || same || declared == configured {
			return
		}
		found = append(found, Conflict{Field: field, Declared: declared, Configured: configured})
	}
	compare("os", declared.OS, configured.OS, d.OS == c.OS)
	compare("architecture", declared.Architecture, configured.Architecture, d.Architecture == c.Architecture)
	compare("variant", declared.Variant, configured.Variant, d.Variant == c.Variant || d.Architecture != c.Architecture)
	compare("os.version", declared.OSVersion, configured.OSVersion, false)
	compare("os.features", strings.Join(declared.OSFeatures, ","), strings.Join(configured.OSFeatures, ","),
		slices.Equal(d.OSFeatures, c.OSFeatures))
	return found
}
