package foreign

import (
	"slices"
	"strings"
)

// isOfPackage is R7.
func isOfPackage(s *survey, f file) verdict {
	name := packageOf(f.Path)
	if name == "" {
		return verdict{}
	}
	if s.packages[name].several {
		return info("its package has files for several platforms")
	}
	os, archs := statedBy(f.segments, len(f.segments))
	if f.ownOS || os != "" && len(archs) > 0 {
		return warning("its package has files for this platform only, which is not that of the image")
	}
	return info("its package has files for another os")
}

// packageDirectories are the directories of packages: of Node.js, Python and Ruby.
func packageDirectories() []string {
	return []string{"node_modules", "site-packages", "dist-packages", "gems"}
}

// packageOf returns the directory of the innermost package that has a file, "" if it is
// not in one. Packages of Node.js may have a scope.
func packageOf(p string) string {
	end := -1
	for _, dir := range packageDirectories() {
		if at := strings.LastIndex(p, "/"+dir+"/"); at >= 0 {
			end = max(end, at+len(dir)+2)
		}
	}
	if end < 0 {
		return ""
	}
	rest := p[end:]
	name, inner, _ := strings.Cut(rest, "/")
	if strings.HasPrefix(name, "@") {
		scoped, _, _ := strings.Cut(inner, "/")
		name += "/" + scoped
	}
	return p[:end+len(name)]
}

// isPackageName reports whether a segment is the name of a package.
func isPackageName(segments []segment, i int) bool {
	for back := 1; back <= 2 && back <= i; back++ {
		if slices.Contains(packageDirectories(), segments[i-back].name) {
			return back == 1 || strings.HasPrefix(segments[i-1].name, "@")
		}
	}
	return false
}
