package command

import (
	"context"
	"path"
	"slices"
	"strings"

	"manifest-tool/internal/rootfs"
)

// The default search path and extensions of a Windows image.
const (
	windowsPath       = `C:\Windows\system32;C:\Windows;C:\Windows\System32\Wbem;C:\Windows\System32\WindowsPowerShell\v1.0`
	windowsExtensions = ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC"
)

// windowsLookups returns the files that a command may mean, in search order.
// Source: Win32, CreateProcess and cmd's PATHEXT.
func windowsLookups(name, dir, searchPath, extensions string) []string {
	name, dir = rootfs.CleanWindowsPath(name), absWindowsPath("/", dir)
	var paths []string
	if strings.Contains(name, "/") {
		paths = []string{absWindowsPath(dir, name)}
	} else {
		for _, d := range append([]string{dir, "/Windows/System32", "/Windows"}, strings.Split(searchPath, ";")...) {
			if d = strings.Trim(d, `" `); d != "" {
				paths = append(paths, path.Join("/", rootfs.CleanWindowsPath(d), name))
			}
		}
	}
	var all []string
	for _, p := range paths {
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

// absWindowsPath makes a path absolute and clean. Windows resolves .. before it
// follows links.
func absWindowsPath(dir, name string) string {
	if strings.HasPrefix(name, "/") {
		return path.Clean(name)
	}
	return path.Join("/", dir, name)
}

// splitCommandLine repaths the command line at the start of argv by its program
// and arguments. Without quotes around the program, Windows tries the line up to
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
