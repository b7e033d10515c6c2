package command

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"manifest-tool/internal/rootfs"
)

// ErrUnknownPath is the error of a name that was not found in a Windows image
// whose config has no PATH: Windows keeps one in its registry.
var ErrUnknownPath = errors.New("it may be in a directory that only the registry of the image's Windows names")

// find searches for a program as the runtime does: a name with a slash is a
// path; any other is searched in PATH, skipping what is not an executable file.
func (r *resolution) find(ctx context.Context, name string) (rootfs.File, error) {
	var candidates []string
	switch {
	case r.stack.IsWindows():
		candidates = windowsLookups(name, rootfs.CleanWindowsPath(r.cmd.WorkingDir), r.env("PATH", windowsPath), r.env("PATHEXT", windowsExtensions))
	case strings.Contains(name, "/"):
		return r.program(ctx, name)
	default:
		dirs := strings.Split(r.env("PATH", unixPath), ":")
		if dirs[0] == localSbin {
			r.stack.ReadAhead()
		}
		for _, dir := range dirs {
			if dir == "" { // the working directory (POSIX, PATH)
				dir = "."
			}
			candidates = append(candidates, dir+"/"+name)
		}
		if r.cmd.Wasm {
			candidates = append(candidates, name)
		}
	}
	reason := error(fs.ErrNotExist)
	for _, p := range candidates {
		f, err := r.program(ctx, p)
		var unreadable *rootfs.LayerError
		switch {
		case err == nil, errors.As(err, &unreadable):
			return f, err
		case errors.Is(err, rootfs.ErrNotExecutable):
			reason = err
		}
	}
	if errors.Is(reason, fs.ErrNotExist) && r.isPathUnknown(name) {
		reason = ErrUnknownPath
	}
	return rootfs.File{}, reason
}

// isPathUnknown reports whether a name is searched in a PATH that the config
// does not have: SETX writes it to the registry, which is not read here.
func (r *resolution) isPathUnknown(name string) bool {
	return r.stack.IsWindows() && !strings.ContainsAny(name, `/\:`) && r.env("PATH", "") == ""
}

// program finds the program at a path, which may be relative to the working
// directory. Windows and WebAssembly runtimes ignore the execute permission.
func (r *resolution) program(ctx context.Context, p string) (rootfs.File, error) {
	return r.stack.ProgramFrom(ctx, r.cmd.WorkingDir, p, r.stack.IsWindows() || r.cmd.Wasm)
}

// localSbin is the first directory of most images' PATH, and empty: no package
// installs anything there. That a program is not in it, every layer has to say.
const localSbin = "/usr/local/sbin"

// unixPath is the default PATH. Source: Docker and containerd.
const unixPath = localSbin + ":/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// env returns a variable of the config, or the default.
func (r *resolution) env(name, byDefault string) string {
	return lookupEnv(r.cmd.Env, name, byDefault, r.stack.IsWindows())
}

// lookupEnv returns a variable, or the default. The last one of a name counts; if
// fold is set, names are not case-sensitive.
func lookupEnv(env []string, name, byDefault string, fold bool) string {
	value := byDefault
	for _, pair := range env {
		key, v, ok := strings.Cut(pair, "=")
		if ok && (key == name || fold && strings.EqualFold(key, name)) {
			value = v
		}
	}
	return value
}
