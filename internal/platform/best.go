package platform

import "github.com/containerd/platforms"

// Best returns which of the platforms a node of platform want runs, by
// containerd's rule: the same platform, else the nearest compatible one (a
// lower variant, a 32-bit architecture, for Windows a build that fits). Of
// equals it is the one with the very os.version that is wanted, else the first;
// it is -1 where none fits. Entries whose os or
// architecture is not set never fit: containerd would read the machine's own
// into them. Source: containerd/platforms, Only.
func Best(want Platform, have []Platform) int {
	rule := platforms.Only(want)
	best := -1
	var nearest Platform
	for i, p := range have {
		if p.OS == "" || p.Architecture == "" || !rule.Match(p) {
			continue
		}
		if best < 0 || rule.Less(p, nearest) || isNearer(rule, want, p, nearest) {
			best, nearest = i, p
		}
	}
	return best
}

// isNearer tells builds of Windows apart, whose revision the rule ignores.
func isNearer(rule platforms.MatchComparer, want, a, b Platform) bool {
	return !rule.Less(b, a) && a.OSVersion == want.OSVersion && b.OSVersion != want.OSVersion
}
