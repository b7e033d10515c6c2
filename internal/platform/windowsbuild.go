package platform

import (
	"fmt"
	"regexp"
	"strings"
)

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

// WindowsVersion returns the build that the name of a Windows release has, such
// as 10.0.20348 for ltsc2022, or for 20348. ok is false for any other string, a
// full version among them.
// Source: https://learn.microsoft.com/windows-server/get-started/windows-server-release-info
func WindowsVersion(name string) (version string, ok bool) {
	build := map[string]string{
		"1607": "14393", "ltsc2016": "14393", "2016": "14393",
		"1703": "15063", "1709": "16299", "1803": "17134",
		"1809": "17763", "ltsc2019": "17763", "2019": "17763",
		"1903": "18362", "1909": "18363", "2004": "19041", "20h2": "19042",
		"ltsc2022": "20348", "2022": "20348", "23h2": "25398",
		"ltsc2025": "26100", "2025": "26100", "24h2": "26100",
	}[strings.ToLower(name)]
	if build == "" && regexp.MustCompile(`^[1-9][0-9]{4}$`).MatchString(name) {
		build = name
	}
	return "10.0." + build, build != ""
}

// IsVersion reports whether a version that people wrote, such as 1809, ltsc2022
// or the beginning of a version, can mean an os.version. An os.version that is
// not set contradicts nothing.
func IsVersion(written, osVersion string) bool {
	if build, ok := WindowsVersion(written); ok && IsSameBuild(build, osVersion) {
		return true
	}
	return osVersion == "" || osVersion == written || strings.HasPrefix(osVersion, written+".")
}

// withWindowsBuild replaces the name of a Windows release by its build. A version
// that a question asks for may stop early: 10.0 is one.
func withWindowsBuild(p Platform) (Platform, error) {
	if p.OS != "windows" || p.OSVersion == "" || isDottedNumber(p.OSVersion, 1) {
		return p, nil
	}
	version, ok := WindowsVersion(p.OSVersion)
	if !ok {
		return Platform{}, fmt.Errorf("%q is not a version of Windows, such as 10.0.20348, nor the name of a release, such as ltsc2022", p.OSVersion)
	}
	p.OSVersion = version
	return p, nil
}

// isDottedNumber reports whether s is a dotted number with at least that many
// dots, and three at most.
func isDottedNumber(s string, dots int) bool {
	return regexp.MustCompile(fmt.Sprintf(`^[0-9]+(\.[0-9]+){%d,3}$`, dots)).MatchString(s)
}

// WindowsVersionError is an os.version of a Windows image that is not a build.
type WindowsVersionError struct{ Version string }

// Error names the version.
func (e *WindowsVersionError) Error() string {
	return fmt.Sprintf("os.version %q, which is not a build of Windows, such as 10.0.20348.2700", e.Version)
}

// Hint returns the build that was most likely meant.
func (e *WindowsVersionError) Hint() string {
	if version, ok := WindowsVersion(e.Version); ok {
		return fmt.Sprintf("leave os.version out: the image's config has the full build (%s is %s)", e.Version, version)
	}
	return "leave os.version out: the image's config has the full build"
}

// CheckWindowsVersion checks the os.version that a spec declares. On Windows it
// has to be a build of three or four numbers: no node matches an entry with
// the name of a release. If the spec leaves the os to the config, the name of a
// release is taken for what it most likely is. The error is a
// [*WindowsVersionError].
func CheckWindowsVersion(p Platform) error {
	_, named := WindowsVersion(p.OSVersion)
	switch {
	case p.OSVersion == "", p.OS == "windows" && isDottedNumber(p.OSVersion, 2), p.OS != "windows" && p.OS != "":
		return nil
	case p.OS == "windows" || named:
		return &WindowsVersionError{p.OSVersion}
	}
	return nil
}
