package platform

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/containerd/platforms"
)

// Candidate is one entry of an index, as far as a rule looks at it.
type Candidate struct {
	// Platform is the declared one; nil where there is none.
	Platform *Platform
	// Zstd marks an entry that containers/image knows to be compressed with
	// zstd, and prefers.
	Zstd bool
}

// Selection is what a rule makes of the entries of an index.
type Selection struct {
	// Order holds the positions of the entries that fit, the best one first.
	Order []int
	// Reasons says of each entry, by its position, why it is the best, fits, or
	// does not. They may repeat text of the entries as it came.
	Reasons []string
	// Distance is how far each entry is from fitting: 0 where it fits, Farthest
	// where there is nothing to compare.
	Distance []int
}

// Select applies the rule to the entries of one index, for a node of the
// platform want. Nothing fits where Order is empty. Entries of equal worth stay
// in the order of the index, as with every runtime.
func Select(rule SelectionRule, want Platform, offers []Candidate) Selection {
	m := rule.matcher(want)
	s := Selection{Reasons: make([]string, len(offers)), Distance: make([]int, len(offers))}
	for i, o := range offers {
		switch {
		case o.Platform == nil && rule.MatchesUndeclared():
			s.Order = append(s.Order, i)
		case o.Platform == nil:
			s.Reasons[i], s.Distance[i] = "no platform", MaxDistance
		case m.Match(*o.Platform):
			s.Order = append(s.Order, i)
		default:
			s.Reasons[i], s.Distance[i] = rule.mismatch(want, *o.Platform)
		}
	}
	sort.SliceStable(s.Order, func(a, b int) bool {
		return sortByRule(m, rule, offers[s.Order[a]], offers[s.Order[b]])
	})
	for rank, i := range s.Order {
		s.Reasons[i] = reason(m, want, offers[s.Order[0]], offers[i], rank == 0)
	}
	return s
}

// sortByRule puts entries without a platform last, as containerd and
// containers/image do.
func sortByRule(m platforms.MatchComparer, rule SelectionRule, a, b Candidate) bool {
	switch {
	case a.Platform == nil:
		return false
	case b.Platform == nil, m.Less(*a.Platform, *b.Platform):
		return true
	}
	return rule == RulePodman && a.Zstd && !b.Zstd && !m.Less(*b.Platform, *a.Platform)
}

// reason says why an entry that fits is the best one, or is not.
func reason(m platforms.MatchComparer, want Platform, best, o Candidate, isBest bool) string {
	switch {
	case isBest && o.Platform == nil:
		return "no platform, a last resort"
	case isBest && Satisfies(*o.Platform, want):
		return "it is for this platform"
	case isBest:
		return "such a node runs it too"
	case o.Platform == nil:
		return "no platform, and another one fits"
	case m.Less(*best.Platform, *o.Platform):
		return fmt.Sprintf("%s fits better", Format(*best.Platform))
	case best.Zstd && !o.Zstd:
		return "as good, but not compressed with zstd"
	}
	return "as good, but listed later"
}

// MaxDistance is the largest distance of a Selection.
const MaxDistance = differsInOS + 1

const (
	differsInVersion = 1 + iota
	differsInVariant
	differsInArchitecture
	differsInOS
)

// mismatch says why an entry does not fit: the first of os, architecture,
// variant, os.version and os.features that keeps it from fitting.
func (r SelectionRule) mismatch(want, p Platform) (string, int) {
	w, e := Canonical(want), Canonical(p)
	if r == RulePodman {
		w, e = want, p
	}
	bare := func(p Platform) Platform { return Platform{OS: p.OS, Architecture: p.Architecture, Variant: p.Variant} }
	switch fits := r.matcher(bare(want)).Match(bare(p)); {
	case e.OS == unsetText && e.Architecture == unsetText:
		return "it is for no platform", MaxDistance
	case e.OS != w.OS && p.OS != "":
		return fmt.Sprintf("its os is %s", p.OS), differsInOS
	case !fits && e.Architecture != w.Architecture:
		return fmt.Sprintf("its architecture is %s", OrUnknown(p.Architecture)), differsInArchitecture
	case !fits && p.Variant == "":
		return "it names no variant", differsInVariant
	case !fits:
		return fmt.Sprintf("its variant is %s", p.Variant), differsInVariant
	}
	if lacking := missingFeatures(p.OSFeatures, want.OSFeatures); len(lacking) > 0 && r != RuleExact {
		return fmt.Sprintf("it needs the os.features %s", strings.Join(lacking, ", ")), differsInVersion
	}
	if p.OSVersion != "" && p.OSVersion != want.OSVersion {
		return fmt.Sprintf("its os.version is %s", p.OSVersion), differsInVersion
	}
	return "it lacks the os.version or os.features", differsInVersion
}

// missingFeatures returns the features that are not among those of the node.
// containerd never asks a node for win32k.
func missingFeatures(features, of []string) []string {
	return slices.DeleteFunc(slices.Clone(features), func(f string) bool { return f == "win32k" || slices.Contains(of, f) })
}
