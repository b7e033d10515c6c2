package verify

import (
	"errors"
	"io/fs"
	"strings"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
	"manifest-tool/internal/rootfs"
	"manifest-tool/internal/rootfs/command"
)

// roleCodes are the codes of findings about a program in a role.
func roleCodes(r command.Role) (missing, forbidden, wrong Code) {
	switch r {
	case command.Interpreter:
		return CodeInterpreterMissing, CodeInterpreterMissing, CodeInterpreterPlatform
	case command.Loader:
		return CodeLoaderMissing, CodeLoaderMissing, CodeLoaderPlatform
	case command.ShellCommand:
		return CodeCommandMissing, CodeCommandMissing, CodeCommandPlatform
	}
	return CodeEntrypointMissing, CodeEntrypointNotExecutable, CodeBinaryPlatform
}

// platformUnknown is the platform of a program that was not looked at, or does not
// state one. A program that was not found has none.
const platformUnknown = "unknown"

// describeBuild is what a program was built for, in text.
func describeBuild(x executable.Executable, j executable.RunResult) string {
	switch {
	case j.Evidence != nil:
		return formatBuilt(j.Evidence.Platform)
	case len(x.Platforms) > 0:
		return formatBuilt(x.Platforms[0].Platform)
	case x.Portable:
		return "portable"
	case x.Format == executable.FormatScript:
		return "script"
	}
	return platformUnknown
}

// formatBuilt leaves out an os that the file does not state.
func formatBuilt(p platform.Platform) string {
	return strings.TrimPrefix(platform.Format(p), "unknown/")
}

// describeStep says how a program was come by.
func describeStep(s command.Step) string {
	how := string(s.Role) + " " + s.Name
	if s.By != "" {
		how += " of " + s.By
	}
	if s.File.Layer != "" {
		how += ", found in layer " + s.File.Layer
	}
	return how
}

// notFoundReason says why a path leads to no program.
func notFoundReason(name string, err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.HasSuffix(name, "\r"):
		return "not found; the name ends with a carriage return, as in a script with the line ends of Windows"
	case errors.Is(err, rootfs.ErrLoop):
		return "its links lead round in a circle"
	case errors.Is(err, rootfs.ErrNotFile):
		return "there is no file at that path"
	}
	return "not found"
}
