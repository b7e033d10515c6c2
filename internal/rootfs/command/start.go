package command

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"manifest-tool/internal/platform/executable"
	"manifest-tool/internal/rootfs"
)

// call is a program to start with its arguments.
type call struct {
	role Role
	argv []string
	// by is the path of the program that names it.
	by string
	// depth is the number of scripts that are interpreted by it.
	depth    int
	fallback Fallback
	// assumed means that the program is only probably started.
	assumed bool
}

// start finds a program by its name, and the programs that it names in turn.
func (r *resolution) start(ctx context.Context, c call) {
	f, err := r.find(ctx, c.argv[0])
	if c.depth > maxInterpreters && err == nil {
		err = rootfs.ErrLoop
	}
	e := f.Executable
	if c.assumed && isOfNoInterest(e, err) {
		return
	}
	r.steps = append(r.steps, Step{Role: c.role, Name: c.argv[0], By: c.by, File: f, Err: err, Fallback: c.fallback, Assumed: c.assumed})
	if err != nil {
		return
	}
	switch {
	case e.Format == executable.FormatScript && e.Interpreter != "":
		r.startInterpreter(ctx, c, f)
		return
	case e.Format == executable.FormatELF && e.Loader != "":
		r.load(ctx, c, f)
	}
	if c.role != Interpreter { // its arguments are in the script
		c.by = f.Path
	}
	r.startFromArgs(ctx, c, e)
}

// isOfNoInterest reports whether a program that is only probably started can be
// left out: it is not found, or is not an ELF file.
func isOfNoInterest(e executable.Executable, err error) bool {
	var unreadable *rootfs.LayerError
	return err != nil && !errors.As(err, &unreadable) || err == nil && e.Format != executable.FormatELF
}

// readScript finds the file that a shell reads, which needs no execute permission. Only
// its absence is of interest, or that it is a program for another platform.
func (r *resolution) readScript(ctx context.Context, shell call, name string) {
	if name == "" {
		return
	}
	f, err := r.stack.ProgramFrom(ctx, "", name, true)
	isAbsent := err != nil && !shell.assumed
	if !isAbsent && isOfNoInterest(f.Executable, err) {
		return
	}
	r.steps = append(r.steps, Step{Role: ShellCommand, Name: name, By: shell.by, File: f, Err: err, Fallback: FallbackShell, Assumed: true})
}

// load finds the loader of a dynamic program.
func (r *resolution) load(ctx context.Context, c call, f rootfs.File) {
	r.stack.ReadAhead()
	loader, err := r.program(ctx, f.Executable.Loader)
	if c.assumed && isOfNoInterest(loader.Executable, err) {
		return
	}
	r.steps = append(r.steps, Step{
		Role: Loader, Name: f.Executable.Loader, By: f.Path, Loaded: &f.Executable, File: loader, Err: err, Fallback: FallbackNone, Assumed: c.assumed,
	})
}

// startFromArgs starts what a program's arguments name. What a wrapper starts
// has the role of the wrapper.
func (r *resolution) startFromArgs(ctx context.Context, c call, e executable.Executable) {
	if r.stack.IsWindows() {
		r.invoke(ctx, call{role: ShellCommand, by: c.by}, r.windowsCall(ctx, c.argv))
		return
	}
	if path.Base(c.argv[0]) == "busybox" && len(c.argv) > 1 {
		c.argv = c.argv[1:]
	}
	if isShell(c.argv[0]) {
		text, script := shellCall(c.argv)
		r.invoke(ctx, call{role: ShellCommand, by: c.by, fallback: FallbackShell, assumed: c.assumed}, text)
		r.readScript(ctx, c, scriptFile(c.argv))
		r.invoke(ctx, call{role: ShellCommand, by: c.by, fallback: FallbackShell, assumed: true}, script)
		return
	}
	w, known := wrapperOf(c.argv[0])
	if !known {
		return
	}
	c.fallback = w.fallback
	if strings.HasPrefix(path.Base(e.Loader), "ld-musl-") { // execvp only calls execve
		c.fallback = FallbackNone
	}
	r.invoke(ctx, c, w.parse(c.argv[1:]))
}

// invoke starts the program of an invocation, if it is known and can be found.
func (r *resolution) invoke(ctx context.Context, c call, i invocation) {
	r.pathChanged = r.pathChanged || i.pathChanged
	if len(i.argv) == 0 || len(r.steps) >= maxSteps || r.pathChanged && !strings.HasPrefix(i.argv[0], "/") {
		return
	}
	r.cmd.Env = slices.Concat(r.cmd.Env, i.env)
	c.argv, c.depth = i.argv, 0
	r.start(ctx, c)
}

// startInterpreter starts the interpreter of a script. If the kernel does not
// execute it, execve of the script fails with the same error, so the script's
// fallback applies.
func (r *resolution) startInterpreter(ctx context.Context, c call, script rootfs.File) {
	e := script.Executable
	next := []string{e.Interpreter}
	if !strings.Contains(e.Interpreter, "/") { // the kernel does not search PATH
		next[0] = "./" + e.Interpreter
	}
	r.stack.ReadAhead()
	if e.Argument != "" {
		next = append(next, e.Argument)
	}
	argv := slices.Concat(next, []string{script.Path}, c.argv[1:])
	r.start(ctx, call{role: Interpreter, argv: argv, by: script.Path, depth: c.depth + 1, fallback: c.fallback})
}
