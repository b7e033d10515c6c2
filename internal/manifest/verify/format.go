package verify

import (
	"slices"
	"strings"

	"manifest-tool/internal/platform/executable"
	"manifest-tool/internal/rootfs/command"
)

// checkFormat notes a program that Linux refuses to execute, whatever the processor.
// It reports whether that is the reason why the image does not start. Other systems
// and WebAssembly runtimes have rules of their own.
func (e *entryCheck) checkFormat(p *Program, s command.Step, how string) bool {
	if t := e.target(); t.OS != "linux" || strings.HasPrefix(t.Architecture, "wasm") || s.Assumed {
		return false
	}
	refusal := refusalIn(s)
	severity := formatSeverity(refusal, s.Fallback)
	if severity == "" {
		return false
	}
	e.unknown = true
	e.add(CodeEntrypointFormat, Finding{
		Severity: severity, Subject: p.Path, Expected: formatRemedy(refusal), Actual: s.File.Executable.Detail, Evidence: how,
	})
	return true
}

// refusalIn returns why Linux does not execute a program in its role, "" if it may.
func refusalIn(s command.Step) executable.Refusal {
	x := s.File.Executable
	switch {
	case x.Refusal != "":
		return x.Refusal
	case s.Role == command.Loader && x.Format != executable.FormatELF && len(x.Platforms) == 0:
		return executable.RefusalData // the loader of an ELF program has to be one
	case x.Format == executable.FormatPE && len(x.Platforms) == 0, x.Portable:
		return executable.RefusalHandler
	}
	return ""
}

// formatSeverity returns how bad it is that the kernel refuses a program, "" if
// something else may start it. Source: POSIX, execvp; glibc, posix/execvpe.c; musl,
// src/process/execvp.c.
func formatSeverity(r executable.Refusal, f command.Fallback) Severity {
	text := slices.Contains([]executable.Refusal{executable.RefusalText, executable.RefusalEmpty, executable.RefusalInterpreter}, r)
	broken := slices.Contains([]executable.Refusal{executable.RefusalBroken, executable.RefusalUnlinked}, r)
	switch {
	case r == "", f == command.FallbackShell && !broken:
		return ""
	case r == executable.RefusalHandler, f == command.FallbackLibrary && text:
		return SeverityWarning
	}
	return SeverityError
}

// formatRemedy says what the file should be.
func formatRemedy(r executable.Refusal) string {
	return map[executable.Refusal]string{
		executable.RefusalEmpty:       "a program or a script (was it copied completely?)",
		executable.RefusalText:        "#! and a path as the first bytes (add them, or start the file with its shell)",
		executable.RefusalHandler:     "a program or a script (start the file with what runs it, as in java -jar; few nodes have a handler for it)",
		executable.RefusalInterpreter: "a path after #! (in the first 256 bytes)",
		executable.RefusalBroken:      "a complete program (build it again; was it copied completely?)",
		executable.RefusalUnlinked:    "a linked program (build it with a linker)",
		executable.RefusalData:        "a program, or a script that begins with #!",
	}[r]
}
