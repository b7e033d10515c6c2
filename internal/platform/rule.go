package platform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/containerd/platforms"
)

// Rule is how a container runtime chooses an entry of an index. docs/resolve.md
// says which runtime follows which.
type Rule string

// The rules.
const (
	// RuleContainerd is platforms.Only of containerd/platforms: the same
	// platform, then compatible ones; among equals the first listed.
	RuleContainerd Rule = "containerd"
	// RuleWindows is what containerd does on a Windows node that is not told a
	// platform: the newest of the builds that the node runs.
	RuleWindows Rule = "windows"
	// RulePodman is that of containers/image: Podman, Buildah, Skopeo, CRI-O.
	RulePodman Rule = "podman"
	// RuleExact takes the first entry that Satisfies the platform.
	RuleExact Rule = "exact"
	// RuleFirst takes the first entry of the os and architecture, whatever its
	// variant, version or features.
	RuleFirst Rule = "first"
)

// Rules lists all rules, the default first.
func Rules() []Rule {
	return []Rule{RuleContainerd, RuleWindows, RulePodman, RuleExact, RuleFirst}
}

// ParseRule reads the value of --rule.
func ParseRule(s string) (Rule, error) {
	if r := Rule(s); slices.Contains(Rules(), r) {
		return r, nil
	}
	var names []string
	for _, r := range Rules() {
		names = append(names, string(r))
	}
	return "", fmt.Errorf("--rule: unknown value %.60q: it is %s or %s", s, strings.Join(names[:len(names)-1], ", "), names[len(names)-1])
}

// TakesUndeclared reports whether an entry without a platform is taken when no
// other fits.
func (r Rule) TakesUndeclared() bool {
	return r == RuleContainerd || r == RuleWindows || r == RulePodman
}

// ReadsConfig reports whether the platform that an undeclared entry lacks is
// looked for in its config (containerd, images.Manifest); Podman takes the
// entry unseen.
func (r Rule) ReadsConfig() bool { return r == RuleContainerd || r == RuleWindows }

// matcher returns which platforms a node of that platform takes, and which of
// two it likes better.
func (r Rule) matcher(want Platform) platforms.MatchComparer {
	switch r {
	case RuleContainerd:
		return onNode{platforms.Only(want), want.OS}
	case RuleWindows:
		return newest{onNode{platforms.OnlyStrict(want), want.OS}}
	case RulePodman:
		return newPodman(want)
	case RuleExact:
		return unordered(func(p Platform) bool { return Satisfies(p, want) })
	default:
		w := normalize(want)
		return unordered(func(p Platform) bool {
			n := normalize(p)
			return n.OS == w.OS && n.Architecture == w.Architecture
		})
	}
}

// onNode reads an absent os as the node's own, as containerd does there.
type onNode struct {
	platforms.MatchComparer
	os string
}

func (m onNode) Match(p Platform) bool { return m.MatchComparer.Match(m.at(p)) }

func (m onNode) Less(a, b Platform) bool { return m.MatchComparer.Less(m.at(a), m.at(b)) }

func (m onNode) at(p Platform) Platform {
	if p.OS == "" {
		p.OS = m.os
	}
	return p
}

// newest prefers the later os.version, compared as text: platforms.Default of
// containerd/platforms on Windows.
type newest struct{ onNode }

func (m newest) Less(a, b Platform) bool {
	fitsA, fitsB := m.Match(a), m.Match(b)
	if fitsA && fitsB {
		return a.OSVersion > b.OSVersion
	}
	return fitsA && !fitsB
}

// unordered takes the first that fits.
type unordered func(Platform) bool

func (m unordered) Match(p Platform) bool { return m(p) }

func (m unordered) Less(Platform, Platform) bool { return false }

// podman compares os, architecture and variant letter by letter; versions and
// features count for nothing (containers/image, WantedPlatforms).
type podman struct {
	os, architecture string
	variants         []string // best first
}

func newPodman(want Platform) podman {
	m := podman{os: want.OS, architecture: want.Architecture}
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

func (m podman) rank(p Platform) int {
	if p.OS != m.os || p.Architecture != m.architecture {
		return -1
	}
	return slices.Index(m.variants, p.Variant)
}

func (m podman) Match(p Platform) bool { return m.rank(p) >= 0 }

func (m podman) Less(a, b Platform) bool {
	rankA, rankB := m.rank(a), m.rank(b)
	return rankA >= 0 && (rankB < 0 || rankA < rankB)
}
