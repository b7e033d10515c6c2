package foreign

import (
	"cmp"
	"slices"
	"strings"
)

// System is an image whose programs and libraries are mostly for another platform
// (R11).
type System struct {
	// Platform is that of most of the foreign files, with "and others" if it is not
	// that of all.
	Platform string
	// Foreign and Native are the numbers of files in the directories of the system.
	Foreign, Native int
	// First are the first foreign paths, in order.
	First []string
}

// system returns the System if more files in its directories are for other platforms
// than for the image's. Only foreign files that something would run or load count;
// those of a platform that the image's usually runs count as well.
func (s *survey) system(warnings []Decision) *System {
	var found System
	numbers := map[string]int{}
	add := func(p, label string) {
		if s.isSystem(p) {
			found.Foreign++
			numbers[label]++
			found.First = keepFirst(found.First, p)
		}
	}
	for _, w := range warnings {
		if w.Rule == RuleReach {
			add(w.File.Path, w.Platform)
		}
	}
	for _, f := range s.compatible {
		if d := s.decide(f); d.Rule == RuleReach && d.Warning {
			add(f.Path, d.Platform)
		}
	}
	if found.Native = s.native; isOfVariant(warnings) {
		found.Native = s.nativePrograms
	}
	if found.Foreign <= found.Native {
		return nil
	}
	for label, n := range numbers {
		if c := cmp.Compare(n, numbers[found.Platform]); c > 0 || c == 0 && label < found.Platform {
			found.Platform = label
		}
	}
	if len(numbers) > 1 {
		found.Platform += " and others"
	}
	return &found
}

// isOfVariant reports whether only the variant of the warnings differs. Shared objects
// state no variant that is certain, so only programs are compared then.
func isOfVariant(warnings []Decision) bool {
	return len(warnings) > 0 && !slices.ContainsFunc(warnings, func(d Decision) bool { return d.File.Runs.Field != "variant" })
}

// isSystem reports whether a path is in the directories of a distribution.
func (s *survey) isSystem(p string) bool {
	top, rest, below := strings.Cut(strings.TrimPrefix(s.fold(p), "/"), "/")
	if s.image.Target.OS == "windows" {
		return top == "windows" && strings.HasPrefix(rest, "system32/")
	}
	return below && (slices.Contains([]string{"bin", "sbin", "usr"}, top) || strings.HasPrefix(top, "lib"))
}

// isCovered reports whether the result about the system replaces a warning. A path that
// contradicts its file is a mistake of its own.
func (s *survey) isCovered(d Decision) bool {
	return d.Rule != RuleContradiction && s.isSystem(d.File.Path)
}
