package verify

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
	"manifest-tool/internal/rootfs"
)

// maxPaths is how many paths of programs that do not fit are shown.
const maxPaths = 5

// allPrograms counts the programs and shared objects of an image by what they
// were built for.
func (v *verifier) allPrograms(ctx context.Context, e *entryCheck, stack *rootfs.Stack) {
	target := e.target()
	type answer struct {
		built string
		fit   executable.Compatibility
	}
	known := map[*executable.Executable]answer{}
	counts := map[answer]*ProgramCount{}
	// What cannot be read is a finding of its layer.
	_ = stack.Programs(ctx, func(p rootfs.Program, _ string) {
		if p.Executable.Format == executable.FormatScript {
			return
		}
		a, seen := known[p.Executable]
		if !seen {
			j := e.checkRuns(*p.Executable)
			a = answer{describeBuild(*p.Executable, j), j.Fit}
			known[p.Executable] = a
		}
		c := counts[a]
		if c == nil {
			c = &ProgramCount{Platform: a.built, Compatibility: a.fit}
			counts[a] = c
		}
		c.Count++
		if a.fit == executable.FitIncompatible {
			c.note(p.Path)
		}
	})
	for _, c := range counts {
		e.counts = append(e.counts, *c)
	}
	slices.SortFunc(e.counts, func(a, b ProgramCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Compatibility, b.Compatibility))
	})
	for _, c := range e.counts {
		e.checkStray(target, c)
	}
}

// note keeps the first paths in their order.
func (c *ProgramCount) note(p string) {
	at, _ := slices.BinarySearch(c.Paths, p)
	if at < maxPaths {
		c.Paths = slices.Insert(c.Paths, at, p)[:min(maxPaths, len(c.Paths)+1)]
	}
}

// checkStray notes programs that do not fit and that the command does not start.
func (e *entryCheck) checkStray(target platform.Platform, c ProgramCount) {
	if c.Compatibility != executable.FitIncompatible {
		return
	}
	judged := 0
	for _, p := range e.programs {
		if slices.Contains(c.Paths, p.Path) {
			judged++
		}
	}
	if judged == c.Count {
		return
	}
	e.add(CodeBinaryStray, Finding{
		Subject: c.Paths[0], Expected: platform.Format(target), Actual: fmt.Sprintf("%s in %d files", c.Platform, c.Count),
		Evidence: "all programs and shared objects of the layers; the first are " + joinOrNone(c.Paths),
	})
}
