// Package command finds the programs that the command of an image's config
// needs to start: the program itself, the interpreters of scripts, the loaders
// of dynamic programs, and what wrappers and shells start in turn. No code of
// the image is run.
package command

import (
	"context"
	"slices"

	"manifest-tool/internal/platform/executable"
	"manifest-tool/internal/rootfs"
)

// Config is the part of an image's config that determines what is started.
type Config struct {
	Entrypoint, Cmd []string
	// Env has NAME=value; WorkingDir may be empty.
	Env        []string
	WorkingDir string
	// ArgsEscaped means that the first argument of a Windows image is a command
	// line: a program and its arguments, separated by blanks.
	ArgsEscaped bool
	// Wasm means that a WebAssembly runtime reads the program. It also searches
	// the working directory, and ignores permissions.
	Wasm bool
}

// argv returns the arguments that the runtime executes.
func (c Config) argv() []string { return slices.Concat(c.Entrypoint, c.Cmd) }

// Role is the relation of a program to a command.
type Role string

// The roles.
const (
	// Entrypoint is the program that the runtime starts. If that is a wrapper,
	// the program that it starts is an Entrypoint too.
	Entrypoint Role = "entrypoint"
	// Interpreter is the program in a script's first line, or the one that env
	// starts there.
	Interpreter Role = "interpreter"
	// Loader is the program that a dynamic program names (PT_INTERP).
	Loader Role = "loader"
	// ShellCommand is the first program that a shell starts, or the one that the
	// first argument of a shell script names. If that is a wrapper, the program
	// that it starts is a ShellCommand too.
	ShellCommand Role = "command"
)

// Fallback is what happens to a file that the kernel does not execute.
type Fallback string

// The fallbacks.
const (
	// FallbackNone is a program that is started by execve: by a runtime, or by a
	// wrapper that makes the system call itself.
	FallbackNone Fallback = "none"
	// FallbackLibrary is one that is started by execvp, which in some C libraries
	// (glibc) runs text with /bin/sh, and in others (musl) fails.
	FallbackLibrary Fallback = "library"
	// FallbackShell is one whose text a shell runs.
	FallbackShell Fallback = "shell"
)

// Step is one program that a command needs.
type Step struct {
	Role Role
	// Name is the program as the config or a program names it. By is the path
	// of the program that names it, "" for the config.
	Name, By string
	// Loaded is the dynamic program that a Loader is for, nil in other roles.
	Loaded *executable.Executable
	// File is the program. If it has no Path, Err is the reason. Err may be
	// rootfs.ErrNotExecutable together with a Path.
	File rootfs.File
	Err  error
	// Fallback is what happens if the kernel does not execute the program.
	Fallback Fallback
	// Assumed means that the program is probably started, and an ELF file: only a
	// contradiction of its platform is of interest.
	Assumed bool
}

const (
	// maxInterpreters is how many scripts may be interpreted by scripts. Linux
	// stops at five (fs/exec.c).
	maxInterpreters = 5
	// maxSteps is how many programs are followed: they may start each other
	// endlessly.
	maxSteps = 24
)

// resolution is the state of one Resolve.
type resolution struct {
	stack *rootfs.Stack
	cmd   Config
	steps []Step
	// pathChanged means that PATH or the working directory differ from those in
	// cmd, in an unknown way.
	pathChanged bool
}

// Resolve finds the programs that a command needs to start, in the order in
// which they are started. The result is empty if the image has no command. A
// program that cannot be found is a Step with its error. The returned error is
// that of ctx.
// Source: runc (the search in PATH and its permissions), Linux fs/binfmt_script.c.
func Resolve(ctx context.Context, s *rootfs.Stack, c Config) ([]Step, error) {
	argv := c.argv()
	if len(argv) == 0 || argv[0] == "" {
		return nil, nil
	}
	r := &resolution{stack: s, cmd: c}
	if s.IsWindows() && c.ArgsEscaped {
		argv = r.splitCommandLine(ctx, argv)
	}
	r.start(ctx, call{role: Entrypoint, argv: argv, fallback: FallbackNone})
	return r.steps, context.Cause(ctx)
}

// ResolveShell returns /bin/sh and its loader, as programs that the image is assumed
// to start. The result is empty if it is not in the image.
func ResolveShell(ctx context.Context, s *rootfs.Stack, c Config) []Step {
	if s.IsWindows() || c.Wasm {
		return nil
	}
	r := &resolution{stack: s, cmd: c}
	s.ReadAhead()
	r.start(ctx, call{role: Entrypoint, argv: []string{"/bin/sh"}, fallback: FallbackNone, assumed: true})
	return r.steps
}
