package verify

import (
	"context"
	"errors"

	"manifest-tool/internal/manifest/verify/foreign"
	"manifest-tool/internal/platform/executable"
	"manifest-tool/internal/rootfs"
	"manifest-tool/internal/rootfs/command"
)

// checkUndeclared returns what is checked of an image without Entrypoint and Cmd,
// such as a base image: /bin/sh or, if it has none, a program of the lowest layer
// that has any. Only a contradiction of its platform is of interest, since the image
// need not start it.
func (v *verifier) checkUndeclared(ctx context.Context, e *entryCheck, stack *rootfs.Stack, c command.Config) []command.Step {
	steps := command.ResolveShell(ctx, stack, c)
	if len(steps) == 0 {
		steps = e.firstProgram(ctx, stack)
	}
	f := Finding{Actual: "no program is checked instead", Evidence: "Entrypoint and Cmd of the config"}
	if len(steps) > 0 && steps[0].Err == nil {
		f.Actual = steps[0].File.Path + " is checked instead"
	}
	e.unknown = e.unknown || len(steps) == 0
	e.add(CodeEntrypointUndeclared, f)
	return steps
}

// firstProgram returns the first program of the lowest layer that has any. If a
// layer has programs for several platforms, one that fits is preferred: a mixture is
// not a wrong platform.
func (e *entryCheck) firstProgram(ctx context.Context, stack *rootfs.Stack) []command.Step {
	files, err := stack.Samples(ctx, func(p rootfs.Program) bool {
		return e.fits(*p.Executable) || e.isTypical(p)
	})
	var unreadable *rootfs.LayerError
	switch {
	case errors.As(err, &unreadable):
		return []command.Step{{Role: command.Entrypoint, Name: "the first program", Err: err, Assumed: true}}
	case len(files) == 0:
		return nil
	}
	chosen := files[0]
	for _, f := range files {
		if e.fits(f.Executable) {
			chosen = f
			break
		}
	}
	return []command.Step{{Role: command.Entrypoint, Name: chosen.Path, File: chosen, Assumed: true}}
}

// fits reports whether a program runs on the platform of the image.
func (e *entryCheck) fits(x executable.Executable) bool {
	fit := e.checkRuns(x).Fit
	return fit == executable.FitNative || fit == executable.FitCompatible
}

// isTypical reports whether a program that does not fit says something about the
// image: firmware and test data do not.
func (e *entryCheck) isTypical(p rootfs.Program) bool {
	runs := e.checkRuns(*p.Executable)
	return len(foreign.Typical(foreign.Image{
		Target: e.target(), Path: command.SearchPath(e.config.Config.Env, e.isWindows()),
		Files: []foreign.File{{Path: p.Path, CanExecute: p.CanExecute, Executable: p.Executable, Runs: &runs}},
	})) > 0
}
