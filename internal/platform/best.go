package platform

import "github.com/containerd/platforms"

// Best returns which of the platforms a node of platform want runs, by
// containerd's rule: the same platform, else the nearest compatible one (a
// lower variant, a 32-bit architecture, for Windows a build that fits). Of
// equals it is the first; it is -1 where none fits. Entries whose os or
// architecture is not set never fit: containerd would read the machine's own
// into them. Source: containerd/platforms, Only.
func Best(want Platform, have []Platform) int {
	rule := platforms.Only(want)
	best := -1
	for i, p := range have {
		if p.OS == "" || p.Architecture == "" || !rule.Match(p) {
			continue
		}
		if best < 0 || rule.Less(p, have[best]) {
			best = i
		}
	}
	return best
}
