package rootfs

import (
	"context"
	"errors"
	"io/fs"
	"strings"
)

// find looks for a program as the runtime does: a name with a slash is a path,
// any other is looked for in PATH, past what is no file or not executable.
func (r *resolution) find(ctx context.Context, name string) (File, error) {
	var candidates []string
	switch {
	case r.stack.windows:
		candidates = windowsLookups(name, cleanWindowsPath(r.cmd.WorkingDir), r.env("PATH", windowsPath), r.env("PATHEXT", windowsExtensions))
	case strings.Contains(name, "/"):
		return r.program(ctx, name)
	default:
		for _, dir := range strings.Split(r.env("PATH", unixPath), ":") {
			if dir == "" { // the working directory (POSIX, PATH)
				dir = "."
			}
			candidates = append(candidates, dir+"/"+name)
		}
		if r.cmd.Wasm {
			candidates = append(candidates, name)
		}
	}
	kept := error(fs.ErrNotExist)
	for _, p := range candidates {
		f, err := r.program(ctx, p)
		var unreadable *LayerError
		switch {
		case err == nil, errors.As(err, &unreadable):
			return f, err
		case errors.Is(err, ErrNotExecutable):
			kept = err
		}
	}
	if errors.Is(kept, fs.ErrNotExist) && r.pathUnknown(name) {
		kept = ErrUnknownPath
	}
	return File{}, kept
}

// pathUnknown reports whether a name is looked for in a PATH that the config
// does not have: SETX writes it to the registry, which is not read here.
func (r *resolution) pathUnknown(name string) bool {
	return r.stack.windows && !strings.ContainsAny(name, `/\:`) && r.env("PATH", "") == ""
}

// program finds the program at a path, which may be one below the working
// directory. Neither Windows nor a WebAssembly runtime looks for a permission to
// execute it.
func (r *resolution) program(ctx context.Context, p string) (File, error) {
	return r.stack.program(ctx, r.cmd.WorkingDir, p, r.stack.windows || r.cmd.Wasm)
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
