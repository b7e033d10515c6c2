package foreign

import (
	"slices"
)

// maxNamed is the number of the last segments of a path that may name the
// platform of a file: a directory further up is about something else.
const maxNamed = 4

// contradictsPath is R8.
func contradictsPath(s *survey, f file) verdict {
	if isFirmwarePath(f.segments) || isEmulator(s.words, f.Path) {
		return verdict{}
	}
	os, archs := statedBy(f.segments, maxNamed)
	target := s.image.Target
	if !slices.Contains(archs, target.Architecture) || os != "" && !isKin(os, target.OS) {
		return verdict{}
	}
	if !slices.Contains(archs, f.arch) || os != "" && f.os != "" && !isKin(os, f.os) {
		return warning("its path names the platform of the image, its header another one")
	}
	return verdict{}
}

// isKin reports whether two systems have the same name in paths: toolchains for
// Android have triplets with linux.
func isKin(a, b string) bool {
	return a == b || a == "linux" && b == "android" || a == "android" && b == "linux"
}

// statedBy returns the os and the architectures that the last segments of a path
// name; of several, the last ones. What is above the directory of a package or
// of test data is not about its files.
func statedBy(segments []segment, most int) (os string, archs []string) {
	for i := len(segments) - 1; i >= max(0, len(segments)-most); i-- {
		g := segments[i]
		if os == "" {
			os = g.os
		}
		if archs == nil {
			archs = g.archs
		}
		if slices.Contains(packageDirectories(), g.name) || g.name == "testdata" || g.name == "fixtures" {
			break
		}
	}
	return os, archs
}
