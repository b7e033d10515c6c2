package foreign

import (
	"hash/maphash"
	"strings"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
)

// file is a File with what its header states.
type file struct {
	File
	// os is "" if the header states none; ownOS is set if the file is for the os
	// of the image.
	os, arch string
	ownOS    bool
	label    string
	segments []segment
}

// survey is what the rules need to know about all files of an image.
type survey struct {
	image     Image
	words     vocabulary
	spellings *strings.Replacer
	steps     []step

	foreign    []file
	compatible []file // of another architecture, which the platform usually runs
	native     int    // in the system's directories

	path, libraries map[string]bool
	// roots are directories with a loader, each with its architecture.
	roots map[rootKey]bool
	// twins are the paths of the image's own files without words for platforms,
	// by hash.
	seed  maphash.Seed
	twins map[uint64]bool
	// bundles are the platforms of the files with one such path; packages those
	// of the files in a package.
	bundles  map[uint64]platforms
	packages map[string]platforms
}

// platforms are the first two platforms of files, by their labels.
type platforms [2]string

// with adds a label.
func (p platforms) with(label string) platforms {
	switch {
	case p[0] == "" || p[0] == label:
		p[0] = label
	case p[1] == "":
		p[1] = label
	}
	return p
}

func (p platforms) several() bool { return p[1] != "" }

// newSurvey sorts the files into native and foreign ones.
func newSurvey(image Image) *survey {
	s := &survey{image: image, words: newVocabulary(), spellings: spellings(), steps: steps(), seed: maphash.MakeSeed()}
	for _, f := range image.Files {
		switch {
		case f.Runs.Fit == executable.FitNative && s.isSystem(f.Path):
			s.native++
		case f.Runs.Fit == executable.FitIncompatible:
			s.foreign = append(s.foreign, s.describe(f))
		case f.Runs.Fit == executable.FitCompatible && f.Runs.Field == "architecture":
			s.compatible = append(s.compatible, s.describe(f))
		}
	}
	return s
}

// describe returns a foreign file with its platform. An os that the header does not
// state is that of the image if that runs files of the format.
func (s *survey) describe(f File) file {
	built := f.Runs.Evidence.Platform
	out := file{File: f, os: built.OS, arch: built.Architecture}
	out.ownOS = f.Runs.Field != "os" && (out.os == "" || out.os == s.image.Target.OS)
	if out.ownOS {
		out.os = s.image.Target.OS
	}
	out.label = Label(s.image.Target, *f.Runs)
	return out
}

// Label is the platform of a file without its variant, unless only that differs from
// the image's. Files that do not state an os have that of the image if it runs
// them.
func Label(target platform.Platform, runs executable.RunResult) string {
	p := runs.Evidence.Platform
	if p.OS == "" && runs.Field != "os" {
		p.OS = target.OS
	}
	if runs.Field != "variant" {
		p.Variant = ""
	}
	return strings.TrimPrefix(platform.Format(platform.Platform{OS: p.OS, Architecture: p.Architecture, Variant: p.Variant}), "unknown/")
}

// study collects what the rules about several files need.
func (s *survey) study() {
	s.path, s.libraries = directories(s.image.Path), directories(s.image.Libraries)
	s.roots, s.twins = map[rootKey]bool{}, map[uint64]bool{}
	s.bundles, s.packages = map[uint64]platforms{}, map[string]platforms{}
	for i := range s.foreign {
		f := &s.foreign[i]
		f.segments = s.parse(f.Path)
		if isLoader(f.Path) {
			s.roots[rootKey{prefixOf(f.Path), f.arch}] = true
		}
		if isNoProgram(s, *f).reason == "" {
			s.note(f.Path, f.segments, f.label)
		}
	}
	for i := range s.compatible {
		f := &s.compatible[i]
		f.segments = s.parse(f.Path)
		s.note(f.Path, f.segments, f.label)
	}
	own := Label(s.image.Target, executable.RunResult{Evidence: &executable.Evidence{Platform: s.image.Target}})
	for _, f := range s.image.Files {
		if f.Runs.Fit == executable.FitNative {
			segments := s.parse(f.Path)
			for _, key := range s.keys(segments) {
				s.twins[key] = true
			}
			s.note(f.Path, segments, own)
		}
	}
}

// note records the platform of a file of a package or a bundle.
func (s *survey) note(p string, segments []segment, label string) {
	if name := packageOf(p); name != "" {
		s.packages[name] = s.packages[name].with(label)
	}
	for _, key := range s.keys(segments) {
		s.bundles[key] = s.bundles[key].with(label)
	}
}
