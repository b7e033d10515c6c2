package spec

import "manifest-tool/internal/manifest"

// Files says which spec files to read, and how.
type Files struct {
	// Names are the files; - is standard input, at most once.
	Names []string
	// ReadFile reads one of them, and returns the name that errors have for it.
	ReadFile func(name string) (content []byte, shown string, err error)
	// Getenv returns the value of a variable; nil if variables are text.
	Getenv func(name string) string
}

// ReadFiles reads spec files, in their order. The errors are those of ReadFile and of
// ParseExpanded; the first wrong file is the error.
func ReadFiles(f Files) ([]Spec, error) {
	var all []Spec
	stdin := 0
	for _, name := range f.Names {
		if name == "-" {
			stdin++
		}
	}
	if stdin > 1 {
		return nil, manifest.InputErrorf("standard input is named %d times, and can be read once", stdin)
	}
	for _, name := range f.Names {
		content, shown, err := f.ReadFile(name)
		if err != nil {
			return nil, err
		}
		specs, err := ParseExpanded(shown, content, f.Getenv)
		if err != nil {
			return nil, err
		}
		for i := range specs {
			specs[i].File = shown
		}
		all = append(all, specs...)
	}
	return all, nil
}
