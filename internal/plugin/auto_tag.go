package plugin

import (
	"regexp"
	"strconv"
	"strings"
)

const (
	tagPrefix  = "refs/tags/"
	headPrefix = "refs/heads/"
)

// isTagged reports whether auto_tag pushes a build of a git reference: of a git tag or
// of the default branch.
func isTagged(ref, defaultBranch string) bool {
	return strings.HasPrefix(ref, tagPrefix) || strings.TrimPrefix(ref, headPrefix) == defaultBranch
}

// autoTags returns the tags of a build of a git reference. v1.2.3 has 1, 1.2 and
// 1.2.3, 0.2.3 has 0.2 and 0.2.3, a pre-release has its version alone, and everything
// else has latest. Source: the package tagging of drone-plugins/drone-manifest.
func autoTags(ref string) []string {
	tag, isTag := strings.CutPrefix(ref, tagPrefix)
	version := regexp.MustCompile(`^v?(\d+)\.(\d+)\.(\d+)((?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)$`).FindStringSubmatch(tag)
	if !isTag || version == nil {
		return []string{"latest"}
	}
	major, minor, patch, suffix := version[1], version[2], version[3], version[4]
	switch {
	case suffix != "":
		return []string{number(major) + "." + number(minor) + "." + number(patch) + suffix}
	case number(major) == "0":
		return []string{major + "." + minor, major + "." + minor + "." + patch}
	}
	return []string{major, major + "." + minor, major + "." + minor + "." + patch}
}

// number returns a number without leading zeros, as the plugin writes pre-releases.
func number(digits string) string {
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return digits
	}
	return strconv.FormatUint(n, 10)
}
