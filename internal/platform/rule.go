package platform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/containerd/platforms"
)

// SelectionRule is how a container runtime chooses an entry of an index. docs/resolve.md
// says which runtime follows which.
type SelectionRule string

// The rules.
const (
	// RuleContainerd is platforms.Only of containerd/platforms: the same
	// platform, then compatible ones; among equals the first listed.
	RuleContainerd SelectionRule = "containerd"
	// RuleWindows is what containerd does on a Windows node if no platform is
	// requested: the newest of the builds that the node runs.
	RuleWindows SelectionRule = "windows"
	// RulePodman is that of containers/image: Podman, Buildah, Skopeo, CRI-O.
	RulePodman SelectionRule = "podman"
	// RuleExact takes the first entry that Satisfies the platform.
	RuleExact SelectionRule = "exact"
	// RuleFirst takes the first entry of the os and architecture, whatever its
	// variant, version or features.
	RuleFirst SelectionRule = "first"
)

// selectionRules lists all rules, the default first.
func selectionRules() []SelectionRule {
	return []SelectionRule{RuleContainerd, RuleWindows, RulePodman, RuleExact, RuleFirst}
}

// ParseRule parses the name of a rule. The error does not name the flag or parameter.
func ParseRule(s string) (SelectionRule, error) {
	if r := SelectionRule(s); slices.Contains(selectionRules(), r) {
		return r, nil
	}
	var names []string
	for _, r := range selectionRules() {
		names = append(names, string(r))
	}
	return "", fmt.Errorf("unknown value %.60q: it is %s or %s", s, strings.Join(names[:len(names)-1], ", "), names[len(names)-1])
}

// MatchesUndeclared reports whether an entry without a platform is taken when no
// other fits.
func (r SelectionRule) MatchesUndeclared() bool {
	return r == RuleContainerd || r == RuleWindows || r == RulePodman
}

// ReadsConfig reports whether the platform that an undeclared entry lacks is
// looked for in its config (containerd, images.Manifest); Podman takes the
// entry unseen.
func (r SelectionRule) ReadsConfig() bool { return r == RuleContainerd || r == RuleWindows }

// matcher returns which platforms a node of that platform takes, and which of
// two it likes better.
func (r SelectionRule) matcher(want Platform) platforms.MatchComparer {
	switch r {
	case RuleContainerd:
		return withDefaultOS{platforms.Only(want), want.OS}
	case RuleWindows:
		return newestFirst{withDefaultOS{platforms.OnlyStrict(want), want.OS}}
	case RulePodman:
		return newPodman(want)
	case RuleExact:
		return firstMatch(func(p Platform) bool { return Satisfies(p, want) })
	default:
		w := Canonical(want)
		return firstMatch(func(p Platform) bool {
			n := Canonical(p)
			return n.OS == w.OS && n.Architecture == w.Architecture
		})
	}
}

// withDefaultOS reads an absent os as the node's own, as containerd does there.
type withDefaultOS struct {
	platforms.MatchComparer
	os string
}

func (m withDefaultOS) Match(p Platform) bool { return m.MatchComparer.Match(m.at(p)) }

func (m withDefaultOS) Less(a, b Platform) bool { return m.MatchComparer.Less(m.at(a), m.at(b)) }

func (m withDefaultOS) at(p Platform) Platform {
	if p.OS == "" {
		p.OS = m.os
	}
	return p
}

// newestFirst prefers the later os.version, compared as text: platforms.Default of
// containerd/platforms on Windows.
type newestFirst struct{ withDefaultOS }

func (m newestFirst) Less(a, b Platform) bool {
	fitsA, fitsB := m.Match(a), m.Match(b)
	if fitsA && fitsB {
		return a.OSVersion > b.OSVersion
	}
	return fitsA && !fitsB
}

// firstMatch takes the first that fits.
type firstMatch func(Platform) bool

func (m firstMatch) Match(p Platform) bool { return m(p) }

func (m firstMatch) Less(Platform, Platform) bool { return false }

// podmanMatcher compares os, architecture and variant letter by letter; versions and
// features count for nothing (containers/image, WantedPlatforms).
type podmanMatcher struct {
	os, architecture string
	variants         []string // best first
}

func newPodman(want Platform) podmanMatcher {
	m := podmanMatcher{os: want.OS, architecture: want.Architecture}
	order := map[string][]string{"arm": {"v8", "v7", "v6", "v5"}, "arm64": {"v8"}}[want.Architecture]
	switch at := slices.Index(order, want.Variant); {
	case want.Variant == "":
		m.variants = append([]string{""}, order...)
	case at >= 0:
		m.variants = append(order[at:], "")
	default:
		m.variants = []string{want.Variant, ""}
	}
	return m
}

func (m podmanMatcher) rank(p Platform) int {
	if p.OS != m.os || p.Architecture != m.architecture {
		return -1
	}
	return slices.Index(m.variants, p.Variant)
}

func (m podmanMatcher) Match(p Platform) bool { return m.rank(p) >= 0 }

func (m podmanMatcher) Less(a, b Platform) bool {
	rankA, rankB := m.rank(a), m.rank(b)
	return rankA >= 0 && (rankB < 0 || rankA < rankB)
}
