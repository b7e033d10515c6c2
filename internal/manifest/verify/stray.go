package verify

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"manifest-tool/internal/manifest/verify/foreign"
	"manifest-tool/internal/platform"
)

// maxStrays is how many files have a finding of their own; the others share one
// for each platform, so that an image cannot make the result large.
const maxStrays = 100

// recordForeign adds the findings about programs of other platforms.
func (e *entryCheck) recordForeign(r foreign.Result) {
	want := platform.Format(e.target())
	if s := r.System; s != nil {
		e.add(CodeImagePlatform, Finding{
			Expected: want, Actual: fmt.Sprintf("%s in %d of %d programs and libraries", s.Platform, s.Foreign, s.Foreign+s.Native),
			Evidence: "the programs and libraries of the system's directories; of those for another platform, " + examples(s.First, s.Foreign),
		})
	}
	for _, d := range r.Warnings[:min(maxStrays, len(r.Warnings))] {
		e.add(CodeBinaryStray, Finding{
			Subject: d.File.Path, Expected: want, Actual: d.Platform,
			Evidence: fmt.Sprintf("%s; %s; found in layer %s", d.Reason, d.File.Executable.Detail, d.File.Layer),
		})
	}
	e.recordMoreStrays(want, r.Warnings[min(maxStrays, len(r.Warnings)):])
	for _, g := range r.Counted {
		e.add(CodeBinaryForeign, Finding{
			Expected: want, Actual: filesOf(g.Platform, g.Count, ""), Evidence: reasons(g.Reasons) + "; " + examples(g.First, g.Count),
		})
	}
}

// recordMoreStrays adds one finding for each platform of the files that have none
// of their own.
func (e *entryCheck) recordMoreStrays(want string, rest []foreign.Decision) {
	paths := map[string][]string{}
	for _, d := range rest {
		paths[d.Platform] = append(paths[d.Platform], d.File.Path)
	}
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		e.add(CodeBinaryStray, Finding{
			Expected: want, Actual: filesOf(p, len(paths[p]), "more "), Paths: paths[p],
			Evidence: fmt.Sprintf("the same rules as the first %d; the output formats json and yaml have all paths", maxStrays),
		})
	}
}

// filesOf is a number of files of a platform, in words; further is "" or "more ".
func filesOf(built string, n int, further string) string {
	if n == 1 {
		return built + " in 1 " + further + "file"
	}
	return fmt.Sprintf("%s in %d %sfiles", built, n, further)
}

// examples introduces the first paths of n files for other platforms.
func examples(first []string, n int) string {
	switch {
	case n == 1:
		return "the file is " + joinOrNone(first)
	case n > len(first):
		return "the first are " + joinOrNone(first)
	}
	return "the files are " + joinOrNone(first)
}

// reasons lists reasons with the number of files of each, the most frequent first.
func reasons(counts map[string]int) string {
	all := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for i, r := range all {
		all[i] = fmt.Sprintf("%d: %s", counts[r], r)
	}
	return joinOrNone(all)
}
