// Package foreign decides which program files of an image that were built for
// another platform are mistakes. Many images have such files on purpose:
// prebuilt modules for every platform, firmware, cross compilers, test data. A
// warning is only for files that something on the image's platform would run or
// load. The package does no I/O. Source: issue 12, R1 to R12; docs/verify.md has
// an example of each rule.
package foreign

import (
	"cmp"
	"slices"
	"strings"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
)

// File is a program file that is visible in an image.
type File struct {
	// Path is clean and begins with a slash; Layer is the digest of its layer;
	// CanExecute is whether anyone has the permission to execute it.
	Path       string
	Layer      string
	CanExecute bool
	// Executable is its header, and Runs whether that runs on the image's
	// platform. Files with equal headers may share both.
	Executable *executable.Executable
	Runs       *executable.RunResult
}

// Image is what the rules depend on, in addition to the files.
type Image struct {
	// Target is the platform of the image.
	Target platform.Platform
	// Path are the directories in which programs are searched for, Libraries
	// those for shared objects in addition to the usual ones.
	Path, Libraries []string
	// Files are all program files, in any order.
	Files []File
}

// Decision is what a rule decides about a file.
type Decision struct {
	File *File
	Rule Rule
	// Platform is what the file was built for, as in Group.
	Platform string
	// Reason says in words why it is a warning, or is not.
	Reason string
	// Warning is set for a probable mistake.
	Warning bool
	// inPath is set for a file in a directory of PATH.
	inPath bool
}

// Group counts the files for one os and architecture that are not warnings. The
// variant is part of the platform only if the image's architecture is the same.
type Group struct {
	Platform string
	Count    int
	// Reasons counts the files by reason. There are few: a reason has no path.
	Reasons map[string]int
	// First are the first paths, in order.
	First []string
}

// Result is what the rules make of an image. It is empty for an image without
// foreign files.
type Result struct {
	// Warnings are the probable mistakes: those whose path names another platform
	// first, then those in PATH, then by path.
	Warnings []Decision
	// Counted are the other foreign files, the largest group first.
	Counted []Group
	// System is set if the image is that of another platform as a whole. Its
	// files are not among the warnings then.
	System *System
}

// Check applies the rules to the files of an image.
func Check(image Image) Result {
	s := newSurvey(image)
	if len(s.foreign) == 0 && len(s.compatible) == 0 {
		return Result{}
	}
	s.study()
	r := Result{Warnings: make([]Decision, 0, len(s.foreign))}
	groups := map[string]*Group{}
	for _, f := range s.foreign {
		switch d := s.decide(f); {
		case d.Warning:
			r.Warnings = append(r.Warnings, d)
		case d.Rule != RuleNoProgram:
			count(groups, d)
		}
	}
	if r.System = s.system(r.Warnings); r.System != nil {
		r.Warnings = slices.DeleteFunc(r.Warnings, s.isCovered)
	}
	slices.SortFunc(r.Warnings, compareWarnings)
	for _, g := range groups {
		r.Counted = append(r.Counted, *g)
	}
	slices.SortFunc(r.Counted, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Platform, b.Platform))
	})
	return r
}

// compareWarnings orders warnings as Result.Warnings describes.
func compareWarnings(a, b Decision) int {
	rank := func(d Decision) int {
		switch {
		case d.Rule == RuleContradiction:
			return 0
		case d.inPath:
			return 1
		}
		return 2
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a.File.Path, b.File.Path))
}

// maxFirst is the number of paths that are kept as examples.
const maxFirst = 5

func count(groups map[string]*Group, d Decision) {
	g := groups[d.Platform]
	if g == nil {
		g = &Group{Platform: d.Platform, Reasons: map[string]int{}}
		groups[d.Platform] = g
	}
	g.Count++
	g.Reasons[d.Reason]++
	g.First = keepFirst(g.First, d.File.Path)
}

// keepFirst inserts a path into the first few, in order.
func keepFirst(first []string, p string) []string {
	at, _ := slices.BinarySearch(first, p)
	if at < maxFirst {
		first = slices.Insert(first, at, p)[:min(maxFirst, len(first)+1)]
	}
	return first
}
