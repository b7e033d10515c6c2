package foreign

import (
	"path"
	"slices"
	"strings"
)

// isReached is R9.
func isReached(s *survey, f file) verdict {
	inPath := s.isInPath(f)
	switch {
	case !f.ownOS && inPath && f.CanExecute && !f.segments[len(f.segments)-1].isNamed():
		return warning("an executable in a directory of PATH")
	case !f.ownOS:
		return info("for another os, and not a command")
	case inPath:
		return warning("in a directory of PATH")
	case s.isLibrary(f):
		return warning("a shared object in a library directory")
	case s.isOfBundle(f):
		return info("one of several files for different platforms")
	case f.CanExecute:
		return warning("it has an execute permission")
	}
	return verdict{}
}

// isOfBundle reports whether the image has the same file for another platform too,
// although not for its own: a download for every platform.
func (s *survey) isOfBundle(f file) bool {
	if !slices.ContainsFunc(f.segments, func(g segment) bool { return len(g.archs) > 0 }) {
		return false
	}
	return slices.ContainsFunc(s.keys(f.segments), func(key uint64) bool { return s.bundles[key].several })
}

func (s *survey) isInPath(f file) bool { return s.path[s.fold(path.Dir(f.Path))] }

// fold returns a path as directories has it.
func (s *survey) fold(p string) string {
	if s.image.Target.OS == "windows" {
		return strings.ToLower(p)
	}
	return p
}

func directories(paths []string) map[string]bool {
	set := map[string]bool{}
	for _, p := range paths {
		if strings.HasPrefix(p, "/") {
			set[path.Clean(p)] = true
		}
	}
	return set
}

// isLibrary reports whether a file is a shared object directly in a directory that the
// loader searches. A directory for an architecture is one of the image's own.
func (s *survey) isLibrary(f file) bool {
	if !f.Executable.Shared && !strings.Contains(path.Base(f.Path), ".so") {
		return false
	}
	dir := path.Dir(f.Path)
	if last := len(f.segments) - 2; last > 0 && s.words.isTriplet(f.segments[last]) && f.segments[last].names(s.image.Target.Architecture) {
		dir = path.Dir(dir)
	}
	return s.libraries[dir] || slices.Contains([]string{"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64"}, dir)
}
