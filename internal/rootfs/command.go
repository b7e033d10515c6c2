package rootfs

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"

	"manifest-tool/internal/platform"
)

// Command is what an image's config says is to be started.
type Command struct {
	Entrypoint, Cmd []string
	// Env has NAME=value; WorkingDir may be empty.
	Env        []string
	WorkingDir string
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
	// Entrypoint is the program that the runtime starts.
	Entrypoint Role = "entrypoint"
	// Interpreter is what a script's first line names, or env after it.
	Interpreter Role = "interpreter"
	// Loader is what a dynamic program names (PT_INTERP).
	Loader Role = "loader"
	// ShellCommand is the first program that a shell is told to start.
	ShellCommand Role = "command"
)

// Step is one program that a command needs.
type Step struct {
	Role Role
	// Name is how it was named; By is the path of the program that named it,
	// "" for the config.
	Name, By string
	// Loaded is the dynamic program that a Loader is for, nil in other roles.
	Loaded *platform.Executable
	// File is what was found; where it has no Path, Err says why. Err may also
	// be ErrNotExecutable beside a Path.
	File File
	Err  error
}

// maxInterpreters is how many scripts may be interpreted by scripts. Linux
// stops at five (fs/exec.c).
const maxInterpreters = 5

// resolution is the work on one command.
type resolution struct {
	stack *Stack
	cmd   Command
	steps []Step
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
	case e.Format == platform.FormatScript && e.Interpreter != "":
		r.interpret(ctx, e, f.Path, argv, depth)
		return
	case e.Format == platform.FormatELF && e.Loader != "":
		loader, err := r.stack.Program(ctx, within(r.cmd.WorkingDir, e.Loader))
		r.steps = append(r.steps, Step{Role: Loader, Name: e.Loader, By: f.Path, Loaded: &e, File: loader, Err: err})
	}
	r.arguments(ctx, f.Path, argv, depth)
}

// arguments goes on with what a shell or env is told to start.
func (r *resolution) arguments(ctx context.Context, by string, argv []string, depth int) {
	name := argv[0]
	if r.stack.windows {
		name = strings.TrimSuffix(strings.ToLower(fromWindows(name)), ".exe")
	}
	switch base := path.Base(name); {
	case r.stack.windows && base == "cmd":
		r.shellCommand(ctx, windowsText(argv), by, depth)
	case r.stack.windows:
	case isShell(base):
		r.shellCommand(ctx, plainCommand(shellText(argv)), by, depth)
	case base == "env":
		r.shellCommand(ctx, envCommand(argv), by, depth)
	}
}

func (r *resolution) shellCommand(ctx context.Context, name, by string, depth int) {
	if name != "" {
		r.start(ctx, ShellCommand, []string{name}, by, depth+1)
	}
}

// interpret goes on with the interpreter of a script.
func (r *resolution) interpret(ctx context.Context, e platform.Executable, by string, argv []string, depth int) {
	next := []string{e.Interpreter}
	if e.Argument != "" {
		next = append(next, e.Argument)
	}
	if path.Base(e.Interpreter) == "env" {
		// env gets the rest of the line as one argument, and splits it with -S.
		r.start(ctx, Interpreter, []string{e.Interpreter}, by, depth+1)
		if name := envCommand(next); name != "" {
			r.start(ctx, Interpreter, []string{name}, by, depth+1)
		}
		return
	}
	r.start(ctx, Interpreter, append(append(next, by), argv[1:]...), by, depth+1)
}

// find looks for a program as the runtime does: a name with a slash is a path,
// any other is looked for in PATH, past what is no file or not executable.
func (r *resolution) find(ctx context.Context, name string) (File, error) {
	var candidates []string
	switch {
	case r.stack.windows:
		candidates = windowsCandidates(name, fromWindows(r.cmd.WorkingDir), r.env("PATH", windowsPath), r.env("PATHEXT", windowsExtensions))
	case strings.Contains(name, "/"):
		return r.stack.Program(ctx, within(r.cmd.WorkingDir, name))
	default:
		for _, dir := range strings.Split(r.env("PATH", unixPath), ":") {
			candidates = append(candidates, within(r.cmd.WorkingDir, dir)+"/"+name)
		}
	}
	kept := error(fs.ErrNotExist)
	for _, p := range candidates {
		f, err := r.stack.Program(ctx, p)
		var unreadable *LayerError
		switch {
		case err == nil, errors.As(err, &unreadable):
			return f, err
		case errors.Is(err, ErrNotExecutable):
			kept = err
		}
	}
	return File{}, kept
}

// unixPath is the PATH of an image that has none. Source: Docker and containerd.
const unixPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// env is a variable of the config; the last one of a name counts.
func (r *resolution) env(name, otherwise string) string {
	value := otherwise
	for _, pair := range r.cmd.Env {
		key, v, ok := strings.Cut(pair, "=")
		if ok && (key == name || r.stack.windows && strings.EqualFold(key, name)) {
			value = v
		}
	}
	return value
}
