package foreign

import (
	"path"
	"slices"
	"strings"
)

// rootKey is a directory with the loader of an architecture.
type rootKey struct{ prefix, arch string }

// isInRoot is R3. What the image's own PATH or LD_LIBRARY_PATH leads to is not in
// another root: programs that are unpacked with a loader of their own look like one.
func isInRoot(s *survey, f file) verdict {
	if s.isInPath(f) || s.libraries[path.Dir(f.Path)] {
		return verdict{}
	}
	for dir := path.Dir(f.Path); dir != "/"; dir = path.Dir(dir) {
		if s.roots[rootKey{dir, f.arch}] && !isSystemPrefix(dir) {
			return info("in a root file system of " + f.label)
		}
	}
	return verdict{}
}

// isSystemPrefix reports whether the libraries below a directory are those of the image
// itself.
func isSystemPrefix(prefix string) bool {
	return slices.Contains([]string{"", "/", "/usr", "/usr/local"}, prefix)
}

// isLoader reports whether a file has the name of a dynamic loader.
func isLoader(p string) bool {
	base := path.Base(p)
	for _, start := range []string{"ld-linux", "ld-musl-", "ld-uClibc", "ld64.so.", "ld.so.", "ld-2."} {
		if strings.HasPrefix(base, start) && strings.Contains(base, ".so") {
			return true
		}
	}
	return false
}

// prefixOf returns the root of a loader: the directory that has the lib directory, or
// the usr directory of that, "" for /.
func prefixOf(loader string) string {
	dir := path.Dir(loader)
	for range 2 { // lib/LOADER or lib/TRIPLET/LOADER
		parent, name := path.Split(dir)
		if strings.HasPrefix(name, "lib") {
			return strings.TrimSuffix(strings.TrimSuffix(parent, "/"), "/usr")
		}
		dir = path.Clean(parent)
	}
	return path.Dir(loader)
}
