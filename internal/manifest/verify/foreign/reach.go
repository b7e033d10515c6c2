package foreign

import (
	"path"
	"slices"
	"strings"

	"manifest-tool/internal/platform/executable"
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
	case s.isBelowLibraries(f):
		return warning("a shared object below a library directory")
	case s.isAmongOwn(f):
		return warning("a shared object in a directory with those of the image's platform")
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
	return s.libraries[dir] || slices.Contains(libraryDirectories(), dir)
}

// libraryDirectories are those that loaders search by default.
func libraryDirectories() []string {
	return []string{"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64"}
}

// isModule reports whether a file is a shared object that the programs of the image's
// platform would load if its header were another one. Debian and most build tools
// install modules without an execute permission. One that only requires a higher
// variant may be loaded after a check at run time.
func isModule(f file) bool {
	return f.Executable.Shared && f.Executable.Format == executable.FormatELF && f.Runs.Field != "variant"
}

// isBelowLibraries reports whether a file is a module at any depth below a library
// directory: those of nginx, PostgreSQL and PHP are in directories of their own. A
// path that names the architecture of the file says that it is there on purpose.
func (s *survey) isBelowLibraries(f file) bool {
	if !isModule(f) || slices.ContainsFunc(f.segments, func(g segment) bool { return g.names(f.arch) }) {
		return false
	}
	return slices.ContainsFunc(libraryDirectories(), func(dir string) bool { return strings.HasPrefix(f.Path, dir+"/") })
}

// isAmongOwn reports whether a file is a module in a directory that also has shared
// objects for the image's platform, and none for a third one.
func (s *survey) isAmongOwn(f file) bool {
	in := s.modules[path.Dir(f.Path)]
	return isModule(f) && in.own && !in.several && !f.segments[len(f.segments)-1].isNamed()
}
