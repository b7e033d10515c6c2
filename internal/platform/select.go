package platform

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/containerd/platforms"
)

// Candidate is one entry of an index, as far as a rule reads it.
type Candidate struct {
	// Platform is the declared one, nil if there is none.
	Platform *Platform
	// Zstd marks an entry that containers/image knows to be compressed with
	// zstd, and prefers.
	Zstd bool
}

// Match is the result of a rule for one entry of an index.
type Match struct {
	// Rank is 0 for the entry that a node pulls, 1 for the next best one, and
	// so on; -1 for an entry that does not fit.
	Rank int
	// Reason says why the entry is the best, fits, or does not fit. It may
	// repeat strings of the entry unchanged.
	Reason string
	// Distance is how far the entry is from fitting: 0 if it fits, MaxDistance
	// if there is nothing to compare.
	Distance int
}

// Fits reports whether a node can run the entry.
func (m Match) Fits() bool { return m.Rank >= 0 }

// Best returns the position of the entry that a node pulls, -1 if none fits.
func Best(matches []Match) int {
	return slices.IndexFunc(matches, func(m Match) bool { return m.Rank == 0 })
}

// Select applies the rule to the entries of one index, for a node of the
// platform want. It returns a Match for each entry, in their order. Entries
// that fit equally well are ranked in the order of the index, as every runtime
// does.
func Select(rule SelectionRule, want Platform, offers []Candidate) []Match {
	m := rule.matcher(want)
	matches := make([]Match, len(offers))
	var order []int // positions of the entries that fit
	for i, o := range offers {
		switch {
		case o.Platform == nil && rule.MatchesUndeclared():
			order = append(order, i)
		case o.Platform == nil:
			matches[i] = Match{Rank: -1, Reason: "no platform", Distance: MaxDistance}
		case m.Match(*o.Platform):
			order = append(order, i)
		default:
			reason, distance := rule.mismatch(want, *o.Platform)
			matches[i] = Match{Rank: -1, Reason: reason, Distance: distance}
		}
	}
	sort.SliceStable(order, func(a, b int) bool {
		return sortByRule(m, rule, want, offers[order[a]], offers[order[b]])
	})
	for rank, i := range order {
		matches[i] = Match{Rank: rank, Reason: reason(m, want, offers[order[0]], offers[i], rank == 0)}
	}
	return matches
}

// sortByRule puts entries without a platform last, as containerd and
// containers/image do. containerd compares versions on Windows only: where one is
// asked for of another os, which no node has by itself, it decides between
// entries that fit equally well.
func sortByRule(m platforms.MatchComparer, rule SelectionRule, want Platform, a, b Candidate) bool {
	switch {
	case a.Platform == nil:
		return rule == RulePodman && b.Platform == nil && a.Zstd && !b.Zstd
	case b.Platform == nil, m.Less(*a.Platform, *b.Platform):
		return true
	case m.Less(*b.Platform, *a.Platform):
		return false
	case rule == RulePodman:
		return a.Zstd && !b.Zstd
	}
	return rule == RuleContainerd && requestsVersion(want) && hasVersion(a, want) && !hasVersion(b, want)
}

func requestsVersion(want Platform) bool { return want.OS != "windows" && want.OSVersion != "" }

func hasVersion(o Candidate, want Platform) bool { return o.Platform.OSVersion == want.OSVersion }

// reason says why an entry that fits is the best one, or is not.
func reason(m platforms.MatchComparer, want Platform, best, o Candidate, isBest bool) string {
	switch {
	case isBest && o.Platform == nil:
		return "no platform, a last resort"
	case isBest && Satisfies(*o.Platform, want):
		return "it is for this platform"
	case isBest:
		return "such a node runs it too"
	case o.Platform == nil && best.Platform == nil && best.Zstd && !o.Zstd:
		return "no platform, and not compressed with zstd"
	case o.Platform == nil:
		return "no platform, and another one fits"
	case m.Less(*best.Platform, *o.Platform):
		return fmt.Sprintf("%s fits better", Format(*best.Platform))
	case requestsVersion(want) && best.Platform.OSVersion == want.OSVersion && o.Platform.OSVersion != want.OSVersion:
		return "as good, but its os.version is another one"
	case best.Zstd && !o.Zstd:
		return "as good, but not compressed with zstd"
	}
	return "as good, but listed later"
}

// MaxDistance is the largest distance of a Match.
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
