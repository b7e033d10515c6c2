package rootfs

import (
	"context"
	"manifest-tool/internal/platform/executable"
	"path"
	"slices"
	"strings"
)

// Command is what an image's config says is to be started.
type Command struct {
	Entrypoint, Cmd []string
	// Env has NAME=value; WorkingDir may be empty.
	Env        []string
	WorkingDir string
	// ArgsEscaped says that the first argument of a Windows image is a command
	// line: a program and arguments, with blanks between.
	ArgsEscaped bool
	// Wasm says that a WebAssembly runtime reads what is started. That is
	// looked for in the working directory too, and needs no permission.
	Wasm bool
}

// argv is what the runtime executes.
func (c Command) argv() []string {
	argv := append([]string(nil), c.Entrypoint...)
	return append(argv, c.Cmd...)
}

// Role is what a program has to do with a command.
type Role string

// The roles.
const (
	// Entrypoint is the program that the runtime starts; where that is a
	// wrapper, so is what it is told to start.
	Entrypoint Role = "entrypoint"
	// Interpreter is what a script's first line names, or env after it.
	Interpreter Role = "interpreter"
	// Loader is what a dynamic program names (PT_INTERP).
	Loader Role = "loader"
	// ShellCommand is the first program that a shell is told to start, and what
	// that is told to start where it is a wrapper.
	ShellCommand Role = "command"
)

// Step is one program that a command needs.
type Step struct {
	Role Role
	// Name is how it was named; By is the path of the program that named it,
	// "" for the config.
	Name, By string
	// Loaded is the dynamic program that a Loader is for, nil in other roles.
	Loaded *executable.Executable
	// File is what was found; where it has no Path, Err says why. Err may also
	// be ErrNotExecutable beside a Path.
	File File
	Err  error
}

const (
	// maxInterpreters is how many scripts may be interpreted by scripts. Linux
	// stops at five (fs/exec.c).
	maxInterpreters = 5
	// maxSteps is how many programs are looked at: they may start each other
	// for ever.
	maxSteps = 24
)

// resolution is the work on one command.
type resolution struct {
	stack *Stack
	cmd   Command
	steps []Step
	// pathChanged says that PATH or the working directory are no longer those of cmd.
	pathChanged bool
}

// Resolve finds the programs that a command needs to begin: what the runtime
// starts, and what that names in turn. An empty result is an image without a
// command. A missing program is a Step with its error; the error returned is
// that of ctx.
// Source: runc (the search in PATH and its permissions), Linux fs/binfmt_script.c.
func (s *Stack) Resolve(ctx context.Context, c Command) ([]Step, error) {
	argv := c.argv()
	if len(argv) == 0 || argv[0] == "" {
		return nil, nil
	}
	r := &resolution{stack: s, cmd: c}
	if s.windows && c.ArgsEscaped {
		argv = r.splitCommandLine(ctx, argv)
	}
	r.start(ctx, Entrypoint, argv, "", 0)
	return r.steps, context.Cause(ctx)
}

// start finds a program by name and goes on with what it names.
func (r *resolution) start(ctx context.Context, role Role, argv []string, by string, depth int) {
	f, err := r.find(ctx, argv[0])
	if depth > maxInterpreters && err == nil {
		err = ErrLoop
	}
	r.steps = append(r.steps, Step{Role: role, Name: argv[0], By: by, File: f, Err: err})
	if err != nil {
		return
	}
	e := f.Executable
	switch {
	case e.Format == executable.FormatScript && e.Interpreter != "":
		r.resolveInterpreter(ctx, e, f.Path, argv, depth)
		return
	case e.Format == executable.FormatELF && e.Loader != "":
		loader, err := r.program(ctx, e.Loader)
		r.steps = append(r.steps, Step{Role: Loader, Name: e.Loader, By: f.Path, Loaded: &e, File: loader, Err: err})
	}
	if role != Interpreter { // of which the script is told
		by = f.Path
	}
	r.resolveArgs(ctx, role, by, argv)
}

// resolveArgs goes on with what a program's arguments tell it to start. A wrapper
// hands on its own role: what it starts is what the image, or the script, means.
func (r *resolution) resolveArgs(ctx context.Context, role Role, by string, argv []string) {
	if r.stack.windows {
		r.call(ctx, ShellCommand, r.windowsCall(ctx, argv), by)
		return
	}
	if path.Base(argv[0]) == "busybox" && len(argv) > 1 {
		argv = argv[1:]
	}
	if isShell(argv[0]) {
		r.call(ctx, ShellCommand, shellCall(argv), by)
		return
	}
	r.call(ctx, role, wrapped(argv), by)
}

// invocation starts what a program was told to start, where that is known.
func (r *resolution) call(ctx context.Context, role Role, c invocation, by string) {
	r.pathChanged = r.pathChanged || c.moved
	if len(c.argv) == 0 || len(r.steps) >= maxSteps || r.pathChanged && !strings.HasPrefix(c.argv[0], "/") {
		return
	}
	r.cmd.Env = slices.Concat(r.cmd.Env, c.env)
	r.start(ctx, role, c.argv, by, 0)
}

// resolveInterpreter goes on with the interpreter of a script.
func (r *resolution) resolveInterpreter(ctx context.Context, e executable.Executable, by string, argv []string, depth int) {
	next := []string{e.Interpreter}
	if !strings.Contains(e.Interpreter, "/") { // PATH is no matter of the kernel's
		next[0] = "./" + e.Interpreter
	}
	if e.Argument != "" {
		next = append(next, e.Argument)
	}
	r.start(ctx, Interpreter, slices.Concat(next, []string{by}, argv[1:]), by, depth+1)
}
