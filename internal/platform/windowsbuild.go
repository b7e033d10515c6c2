package platform

import "strings"

// WindowsBuild returns the build that an os.version of Windows names, without the
// revision that updates count: 10.0.17763 of 10.0.17763.1. A version of three
// numbers or fewer comes back as it is.
func WindowsBuild(version string) string {
	numbers := strings.SplitN(version, ".", 4)
	return strings.Join(numbers[:min(3, len(numbers))], ".")
}

// IsSameBuild reports whether two os.versions name the same build of Windows: a
// node takes any revision of its build. Versions that name no whole build are
// of none.
// Source: containerd/platforms, Windows matching.
func IsSameBuild(a, b string) bool {
	return strings.Count(a, ".") >= 2 && WindowsBuild(a) == WindowsBuild(b)
}
