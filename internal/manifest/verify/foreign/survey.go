package foreign

import (
	"hash/maphash"
	"path"
	"strings"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
)

// build is what the header of a file states.
type build struct {
	// os is "" if the header states none; ownOS is set if the file is for the os
	// of the image.
	os, arch string
	ownOS    bool
	label    string
}

// file is a File with its path split. It is made when a rule needs it: the parts of
// a path take more memory than the path.
type file struct {
	*File
	*build
	segments []segment
}

// survey is what the rules need to know about all files of an image.
type survey struct {
	image     Image
	words     vocabulary
	spellings *strings.Replacer
	parsed    map[string]segment
	steps     []step

	foreign    []*File
	compatible []*File // of another architecture, which the platform usually runs
	// native is the number of the image's own files in the system's directories,
	// nativePrograms that of those that are not shared objects.
	native, nativePrograms int
	// builds are shared by files that share a result.
	builds map[*executable.RunResult]*build

	path, libraries map[string]bool
	// roots are directories with a loader, each with its architecture.
	roots map[rootKey]bool
	// bundles are the platforms of files whose paths are the same without words
	// for platforms, by a hash of that, and packages those of the files in a
	// package. Only those with a foreign file are kept.
	seed     maphash.Seed
	bundles  map[uint64]platforms
	packages map[string]platforms
	// modules are the platforms of the shared objects in a directory.
	modules map[string]platforms
}

// platforms are the platforms of several files. There may be one for each foreign
// file, so it is small.
type platforms struct {
	// first is that of the first file; several is set if another one differs.
	first   *build
	several bool
	// own is set if one is that of the image.
	own bool
}

// with adds a platform.
func (p platforms) with(b *build) platforms {
	if p.first == nil {
		p.first = b
	}
	p.several = p.several || p.first.label != b.label
	return p
}

// withOwn adds the platform of the image.
func (p platforms) withOwn() platforms {
	p.own, p.several = true, true
	return p
}

// newSurvey sorts the files into native and foreign ones.
func newSurvey(image Image) *survey {
	s := &survey{image: image, words: newVocabulary(), spellings: spellings(), steps: steps(), seed: maphash.MakeSeed()}
	s.builds, s.parsed = map[*executable.RunResult]*build{}, map[string]segment{}
	for i := range image.Files {
		f := &image.Files[i]
		switch {
		case f.Runs.Fit == executable.FitNative && s.isSystem(f.Path):
			s.native++
			if !f.Executable.Shared {
				s.nativePrograms++
			}
		case f.Runs.Fit == executable.FitIncompatible:
			s.foreign = append(s.foreign, f)
		case f.Runs.Fit == executable.FitCompatible && f.Runs.Field == "architecture":
			s.compatible = append(s.compatible, f)
		}
	}
	return s
}

// describe returns a foreign file with its platform. An os that the header does not
// state is that of the image if that runs files of the format.
func (s *survey) describe(f *File) file {
	b := s.builds[f.Runs]
	if b == nil {
		p := f.Runs.Evidence.Platform
		b = &build{os: p.OS, arch: p.Architecture, label: Label(s.image.Target, *f.Runs)}
		b.ownOS = f.Runs.Field != "os" && (b.os == "" || b.os == s.image.Target.OS)
		if b.ownOS {
			b.os = s.image.Target.OS
		}
		s.builds[f.Runs] = b
	}
	return file{f, b, s.parse(f.Path)}
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
	s.roots, s.bundles, s.packages, s.modules = map[rootKey]bool{}, map[uint64]platforms{}, map[string]platforms{}, map[string]platforms{}
	for _, foreign := range s.foreign {
		f := s.describe(foreign)
		if isLoader(f.Path) {
			s.roots[rootKey{prefixOf(f.Path), f.arch}] = true
		}
		if isNoProgram(s, f).reason == "" {
			s.note(f)
		}
	}
	for _, compatible := range s.compatible {
		s.note(s.describe(compatible))
	}
	for i := range s.image.Files {
		if f := &s.image.Files[i]; f.Runs.Fit == executable.FitNative {
			s.noteOwn(f)
		}
	}
}

// note records the platform of a foreign file of a package or a bundle.
func (s *survey) note(f file) {
	if name := packageOf(f.Path); name != "" {
		s.packages[name] = s.packages[name].with(f.build)
	}
	if isModule(f) {
		s.modules[path.Dir(f.Path)] = s.modules[path.Dir(f.Path)].with(f.build)
	}
	for _, key := range s.keys(f.segments) {
		s.bundles[key] = s.bundles[key].with(f.build)
	}
}

// noteOwn records that a package or a bundle with foreign files has one of the image's
// platform.
func (s *survey) noteOwn(f *File) {
	if p, known := s.packages[packageOf(f.Path)]; known {
		s.packages[packageOf(f.Path)] = p.withOwn()
	}
	if p, known := s.modules[path.Dir(f.Path)]; known && f.Executable.Shared {
		p.own = true
		s.modules[path.Dir(f.Path)] = p
	}
	for _, key := range s.keys(s.parse(f.Path)) {
		if p, known := s.bundles[key]; known {
			s.bundles[key] = p.withOwn()
		}
	}
}
