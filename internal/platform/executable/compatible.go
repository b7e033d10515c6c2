package executable

import (
	"fmt"
	"slices"

	"manifest-tool/internal/platform"
)

// Compatibility says how well a program file suits a platform.
type Compatibility string

const (
	// FitNative is a program of the platform itself.
	FitNative Compatibility = "native"
	// FitCompatible is a program of another platform that this one runs as a
	// rule, such as 386 under amd64: possible, and seldom meant.
	FitCompatible Compatibility = "compatible"
	// FitPortable is a program for a virtual machine: it runs where that does.
	FitPortable Compatibility = "portable"
	// FitIncompatible is a program that not every node of the platform runs.
	FitIncompatible Compatibility = "incompatible"
	// FitUnknown is a file of which nothing can be said.
	FitUnknown Compatibility = "unknown"
)

// RunResult is the answer to whether a program runs on a platform.
type RunResult struct {
	Fit Compatibility `json:"fit"`
	// Field is the field of the platform that decided against native, by its
	// JSON name ("architecture"); "" where none did.
	Field string `json:"field,omitempty"`
	// Want and Got are that field's values: the platform's and the file's.
	Want string `json:"want,omitempty"`
	Got  string `json:"got,omitempty"`
	// Reason is for people, without a full stop. It may hold text from the
	// file or the platform, which has to be escaped.
	Reason string `json:"reason"`
	// Hint is a higher variant than the platform's that the file names without
	// certainly requiring it; nil as a rule. It does not change Fit.
	Hint *VariantHint `json:"hint,omitempty"`
	// Note is what is odd about a program that fits all the same, such as the
	// floating point convention; "" as a rule.
	Note string `json:"note,omitempty"`
	// Evidence is which of the file's platforms was judged: of several, the
	// one that fits best, or nil.
	Evidence *Evidence `json:"evidence,omitempty"`
}

// CheckRuns judges whether every node that an image is for runs a program file.
// Shared objects are judged as programs are, except for hints (see [Target]). A
// platform without a variant promises the lowest one, as containerd reads it:
// amd64/v1, arm64/v8; arm alone is arm/v7.
// Source: issues 7 and 12.
func CheckRuns(on Target, e Executable) RunResult {
	switch {
	case e.Portable:
		return RunResult{Fit: FitPortable, Reason: "a virtual machine runs it: " + e.Detail}
	case len(e.Platforms) == 0:
		return RunResult{Fit: FitUnknown, Reason: e.Detail}
	}
	order := []Compatibility{"", FitIncompatible, FitUnknown, FitCompatible, FitNative}
	var best RunResult
	for _, evidence := range e.Platforms {
		j := on.check(e, evidence)
		if slices.Index(order, j.Fit) > slices.Index(order, best.Fit) {
			best = j
		}
	}
	return best
}

// check judges one platform of a file. Platforms are compared in containerd's
// spelling.
func (t Target) check(e Executable, got Evidence) RunResult {
	j := RunResult{Fit: FitNative, Evidence: &got}
	on := platform.Canonical(t.Platform)
	j.compareOS(on.OS, got.Platform.OS, e.Format)
	if j.Fit != FitIncompatible {
		j.compareArchitecture(on.Architecture, got.Platform.Architecture)
	}
	if j.Fit != FitIncompatible && on.Architecture == got.Platform.Architecture {
		j.compareVariant(t, on, e.Shared, got)
		j.compareFloat(on, got)
	}
	if j.Reason == "" {
		j.Reason = fmt.Sprintf("built for %s", describe(got))
	}
	return j
}

// decide notes the field that decided, unless a heavier one has.
func (j *RunResult) decide(fit Compatibility, field, want, got, reason string) {
	if j.Fit != FitNative && fit != FitIncompatible {
		return
	}
	j.Fit, j.Field, j.Want, j.Got, j.Reason = fit, field, want, got, reason
}

// compareOS takes an os that is not stated for any system of the format.
func (j *RunResult) compareOS(want, got string, format FileFormat) {
	switch {
	case want == "" || want == got || want == "wasi" && got == "wasip1":
	case got == "" && runsFormat(want, format):
	case got == "":
		j.decide(FitIncompatible, "os", want, string(format), fmt.Sprintf("%s runs no %s programs", want, format))
	case want == "linux" && got == "android", want == "android" && got == "linux":
		j.decide(FitCompatible, "os", want, got, fmt.Sprintf("built for %s, whose kernel is that of %s", got, want))
	case want == "illumos" && got == "solaris", want == "solaris" && got == "illumos":
		j.decide(FitCompatible, "os", want, got, fmt.Sprintf("built for %s, which %s descends from", got, want))
	default:
		j.decide(FitIncompatible, "os", want, got, fmt.Sprintf("built for %s, not for %s", got, want))
	}
}

// runsFormat reports whether an os has programs of a format that may name no
// system.
func runsFormat(os string, format FileFormat) bool {
	switch os {
	case "darwin", "ios", "tvos", "watchos", "visionos", "bridgeos":
		return format != FormatELF
	case "windows", "js", "wasi", "wasip1", "plan9", "aix":
		return format != FormatELF && format != FormatMachO
	}
	return format != FormatMachO
}

// compareArchitecture lets 386 pass under amd64: every such processor runs it,
// and so do the usual kernels. Not every arm64 processor runs 32-bit programs,
// nor every amd64 kernel those of x32. wasm32 is an older name of wasm.
func (j *RunResult) compareArchitecture(want, got string) {
	switch {
	case want == "" || want == got || want == "wasm32" && got == "wasm":
	case want == "amd64" && got == "386":
		j.decide(FitCompatible, "architecture", want, got, "built for 386, which amd64 runs, but not as its own")
	case want == "arm64" && got == "arm":
		j.decide(FitIncompatible, "architecture", want, got, "built for 32-bit arm, which many arm64 processors do not run")
	default:
		j.decide(FitIncompatible, "architecture", want, got, fmt.Sprintf("built for %s, not for %s", got, want))
	}
}
