package verify

import (
	"manifest-tool/internal/platform/executable"
	"manifest-tool/internal/rootfs/command"
)

// checkLoader compares a loader with the program that it is for, where both suit the
// image: two programs that run there need not run together.
func (e *entryCheck) checkLoader(s command.Step, suits executable.RunResult, how string) {
	if s.Loaded == nil || suits.Fit == executable.FitIncompatible || e.checkRuns(*s.Loaded).Fit == executable.FitIncompatible {
		return
	}
	code := CodeLoaderPlatform
	j := executable.CheckLoader(*s.Loaded, s.File.Executable)
	if j.Field == executable.FieldFloat {
		code = CodeLoaderFloat
	}
	if j.Fit == executable.FitIncompatible {
		e.add(code, Finding{Subject: s.File.Path, Field: j.Field, Expected: j.Want, Actual: j.Got, Evidence: how + "; its program is " + s.Loaded.Detail})
	}
}
