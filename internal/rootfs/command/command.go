// Package command finds the programs that the command of an image's config
// needs to start: the program itself, the interpreters of scripts, the loaders
// of dynamic programs, and what wrappers and shells start in turn. No code of
// the image is run.
package command

import (
	"context"
	"path"
	"slices"
	"strings"

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
	// ShellCommand is the first program that a shell starts. If that is a
	// wrapper, the program that it starts is a ShellCommand too.
	ShellCommand Role = "command"
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
	r.start(ctx, Entrypoint, argv, "", 0)
	return r.steps, context.Cause(ctx)
}

// start finds a program by its name, and the programs that it names in turn.
func (r *resolution) start(ctx context.Context, role Role, argv []string, by string, depth int) {
	f, err := r.find(ctx, argv[0])
	if depth > maxInterpreters && err == nil {
		err = rootfs.ErrLoop
	}
	r.steps = append(r.steps, Step{Role: role, Name: argv[0], By: by, File: f, Err: err})
	if err != nil {
		return
	}
	e := f.Executable
	switch {
	case e.Format == executable.FormatScript && e.Interpreter != "":
		r.startInterpreter(ctx, e, f.Path, argv, depth)
		return
	case e.Format == executable.FormatELF && e.Loader != "":
		r.stack.ReadAhead()
		loader, err := r.program(ctx, e.Loader)
		r.steps = append(r.steps, Step{Role: Loader, Name: e.Loader, By: f.Path, Loaded: &e, File: loader, Err: err})
	}
	if role != Interpreter { // its arguments are in the script
		by = f.Path
	}
	r.startFromArgs(ctx, role, by, argv)
}

// startFromArgs starts what a program's arguments name. What a wrapper starts
// has the role of the wrapper.
func (r *resolution) startFromArgs(ctx context.Context, role Role, by string, argv []string) {
	if r.stack.IsWindows() {
		r.invoke(ctx, ShellCommand, r.windowsCall(ctx, argv), by)
		return
	}
	if path.Base(argv[0]) == "busybox" && len(argv) > 1 {
		argv = argv[1:]
	}
	if isShell(argv[0]) {
		r.invoke(ctx, ShellCommand, shellCall(argv), by)
		return
	}
	r.invoke(ctx, role, wrapped(argv), by)
}

// invoke starts the program of an invocation, if it is known and can be found.
func (r *resolution) invoke(ctx context.Context, role Role, c invocation, by string) {
	r.pathChanged = r.pathChanged || c.pathChanged
	if len(c.argv) == 0 || len(r.steps) >= maxSteps || r.pathChanged && !strings.HasPrefix(c.argv[0], "/") {
		return
	}
	r.cmd.Env = slices.Concat(r.cmd.Env, c.env)
	r.start(ctx, role, c.argv, by, 0)
}

// startInterpreter starts the interpreter of a script.
func (r *resolution) startInterpreter(ctx context.Context, e executable.Executable, by string, argv []string, depth int) {
	next := []string{e.Interpreter}
	if !strings.Contains(e.Interpreter, "/") { // the kernel does not search PATH
		next[0] = "./" + e.Interpreter
	}
	r.stack.ReadAhead()
	if e.Argument != "" {
		next = append(next, e.Argument)
	}
	r.start(ctx, Interpreter, slices.Concat(next, []string{by}, argv[1:]), by, depth+1)
}
