package rootfs

import (
	"context"
	"path"
	"slices"
	"strings"
)

// cleanWindowsPath makes a path below the root of what Windows programs write:
// C:\app\x and \\?\C:\app\x become /app/x. All drives are the image's.
func cleanWindowsPath(p string) string {
	p = strings.ReplaceAll(p, `\`, "/")
	p = strings.TrimPrefix(p, "//?/")
	if len(p) >= 2 && p[1] == ':' {
		p = "/" + strings.TrimPrefix(p[2:], "/")
	}
	return p
}

// The search path and the extensions of a Windows image that names none.
const (
	windowsPath       = `C:\Windows\system32;C:\Windows;C:\Windows\System32\Wbem;C:\Windows\System32\WindowsPowerShell\v1.0`
	windowsExtensions = ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC"
)

// windowsLookups are the files that a command may mean, in the order in
// which they are looked for. Source: Win32, CreateProcess and cmd's PATHEXT.
func windowsLookups(name, dir, searchPath, extensions string) []string {
	name, dir = cleanWindowsPath(name), absWindowsPath("/", dir)
	var places []string
	if strings.Contains(name, "/") {
		places = []string{absWindowsPath(dir, name)}
	} else {
		for _, folder := range append([]string{dir, "/Windows/System32", "/Windows"}, strings.Split(searchPath, ";")...) {
			if folder = strings.Trim(folder, `" `); folder != "" {
				places = append(places, path.Join("/", cleanWindowsPath(folder), name))
			}
		}
	}
	var all []string
	for _, p := range places {
		if path.Ext(p) != "" {
			all = append(all, p)
		}
		for _, extension := range strings.Split(extensions, ";") {
			if strings.HasPrefix(extension, ".") {
				all = append(all, p+strings.ToLower(extension))
			}
		}
	}
	return all
}

// absWindowsPath makes a path absolute and shortens it, as Windows does, which does not
// look at links before it takes a .. for the folder above.
func absWindowsPath(dir, name string) string {
	if strings.HasPrefix(name, "/") {
		return clean(name)
	}
	return path.Join("/", dir, name)
}

// splitCommandLine makes a program and arguments of the command line that argv begins
// with. A name in quotes is plain; of one without, Windows tries the line up to
// each of its blanks. Source: Win32, CreateProcess, lpCommandLine.
func (r *resolution) splitCommandLine(ctx context.Context, argv []string) []string {
	line := strings.TrimSpace(argv[0])
	if quoted, rest, closed := strings.Cut(strings.TrimPrefix(line, `"`), `"`); closed && line[0] == '"' {
		return slices.Concat([]string{quoted}, strings.Fields(rest), argv[1:])
	}
	for i, c := range line {
		if c != ' ' && c != '\t' {
			continue
		}
		if _, err := r.find(ctx, line[:i]); err == nil {
			return slices.Concat([]string{line[:i]}, strings.Fields(line[i:]), argv[1:])
		}
	}
	return argv
}
