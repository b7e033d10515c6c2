package verify

import (
	"cmp"
	"context"
	"slices"

	"manifest-tool/internal/manifest/verify/foreign"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
	"manifest-tool/internal/rootfs"
	"manifest-tool/internal/rootfs/command"
)

// maxPaths is how many paths of programs that do not fit are kept with their
// number.
const maxPaths = 5

// allPrograms counts the programs and shared objects of an image by what they
// were built for, and reports those of other platforms.
func (v *verifier) allPrograms(ctx context.Context, e *entryCheck, stack *rootfs.Stack) {
	files := e.programFiles(ctx, stack)
	e.countPrograms(files)
	env := e.config.Config.Env
	e.recordForeign(foreign.Check(foreign.Image{
		Target: e.target(), Path: command.SearchPath(env, e.isWindows()), Libraries: command.LibraryPath(env),
		Files: slices.DeleteFunc(files, func(f foreign.File) bool { return e.isReported(f.Path) }),
	}))
}

// programFiles lists the program files of an image, without scripts. Files with
// equal headers share one result.
func (e *entryCheck) programFiles(ctx context.Context, stack *rootfs.Stack) []foreign.File {
	known := map[*executable.Executable]*executable.RunResult{}
	var files []foreign.File
	// What cannot be read is a finding of its layer.
	_ = stack.Programs(ctx, func(p rootfs.Program, layer string) {
		if p.Executable.Format == executable.FormatScript {
			return
		}
		runs := known[p.Executable]
		if runs == nil {
			j := e.checkRuns(*p.Executable)
			runs, known[p.Executable] = &j, &j
		}
		files = append(files, foreign.File{Path: p.Path, Layer: layer, CanExecute: p.CanExecute, Executable: p.Executable, Runs: runs})
	})
	return files
}

// countPrograms counts files by platform, with the first paths of those that do
// not run.
func (e *entryCheck) countPrograms(files []foreign.File) {
	type key struct {
		platform string
		fit      executable.Compatibility
	}
	counts := map[key]*ProgramCount{}
	keys := map[*executable.RunResult]key{}
	target := e.target()
	for _, f := range files {
		k, known := keys[f.Runs]
		if !known {
			k.platform, k.fit = describeCounted(target, f)
			keys[f.Runs] = k
		}
		c := counts[k]
		if c == nil {
			c = &ProgramCount{Platform: k.platform, Compatibility: k.fit}
			counts[k] = c
		}
		c.Count++
		if k.fit == executable.FitIncompatible {
			c.note(f.Path)
		}
	}
	for _, c := range counts {
		e.counts = append(e.counts, *c)
	}
	slices.SortFunc(e.counts, func(a, b ProgramCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Compatibility, b.Compatibility))
	})
}

// describeCounted returns the platform and the compatibility that a file counts for.
func describeCounted(target platform.Platform, f foreign.File) (string, executable.Compatibility) {
	built, fit := describeBuild(*f.Executable, *f.Runs), f.Runs.Fit
	if f.Runs.Evidence != nil {
		built = foreign.Label(target, *f.Runs)
	}
	if foreign.IsNotRun(target, *f.Executable) {
		fit = executable.FitPortable
	}
	return built, fit
}

// note keeps the first paths in their order.
func (c *ProgramCount) note(p string) {
	at, _ := slices.BinarySearch(c.Paths, p)
	if at < maxPaths {
		c.Paths = slices.Insert(c.Paths, at, p)[:min(maxPaths, len(c.Paths)+1)]
	}
}

// isReported reports whether the check of the command has a finding about a file:
// it starts the file, and the file does not run.
func (e *entryCheck) isReported(p string) bool {
	return slices.ContainsFunc(e.programs, func(known Program) bool {
		return known.Path == p && known.Compatibility == executable.FitIncompatible
	})
}
