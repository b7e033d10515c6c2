package platform

import (
	"fmt"
	"slices"
	"strings"
)

// Satisfies reports whether an image's platform is the one that was asked for.
// Os, architecture and variant must be the same in containerd's spelling, so
// arm64 is arm64/v8, arm is arm/v7 and amd64 is amd64/v1; there is no falling
// back to a compatible one. An os.version that is asked for may stop early:
// 10.0.17763 asks for any update of that build. Os.features that are asked for
// must be there.
func Satisfies(has, want Platform) bool {
	h, w := Canonical(has), Canonical(want)
	return h.OS == w.OS && h.Architecture == w.Architecture && h.Variant == w.Variant &&
		(w.OSVersion == "" || h.OSVersion == w.OSVersion || strings.HasPrefix(h.OSVersion, w.OSVersion+".")) &&
		!slices.ContainsFunc(w.OSFeatures, func(f string) bool { return !slices.Contains(h.OSFeatures, f) })
}

// ParseRequested is [Parse] for a platform that is asked for, which need not be one
// that can be published: any of valid syntax can be in an index. An os version of
// Windows may also be the name of a release (ltsc2022, 20H2) or a build alone
// (20348): it then means that build, whatever the revision.
func ParseRequested(text string) (Platform, error) {
	p, err := Parse(text)
	if err != nil {
		return Platform{}, err
	}
	if p, err = withWindowsBuild(p); err != nil {
		return Platform{}, fmt.Errorf("platform %q: %w", text, err)
	}
	return p, nil
}

// ParseList reads the values of a repeatable flag, comma lists of platforms,
// as [ParseRequested] does. A repeated text is read once; two spellings of one
// platform are two questions.
func ParseList(values []string) ([]Platform, error) {
	var list []Platform
	seen := map[string]bool{}
	for _, value := range values {
		for text := range strings.SplitSeq(value, ",") {
			if text = strings.TrimSpace(text); seen[text] {
				continue
			}
			seen[text] = true
			p, err := ParseRequested(text)
			if err != nil {
				return nil, err
			}
			list = append(list, p)
		}
	}
	return list, nil
}
