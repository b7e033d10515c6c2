package command

import (
	"path"
	"strings"

	"manifest-tool/internal/rootfs"
)

// SearchPath returns the absolute directories in which an image's programs are
// searched for by name: PATH of the config's Env, and those of the runtime's
// default, which a login shell or cron sets. windows is set for the paths of
// Windows.
func SearchPath(env []string, windows bool) []string {
	if windows {
		return absoluteDirs(strings.Split(lookupEnv(env, "PATH", "", true)+";"+windowsPath, ";"), rootfs.CleanWindowsPath)
	}
	return absoluteDirs(strings.Split(lookupEnv(env, "PATH", "", false)+":"+unixPath, ":"), path.Clean)
}

// LibraryPath returns the directories of LD_LIBRARY_PATH.
func LibraryPath(env []string) []string {
	return absoluteDirs(strings.FieldsFunc(lookupEnv(env, "LD_LIBRARY_PATH", "", false), func(r rune) bool { return r == ':' || r == ';' }), path.Clean)
}

func absoluteDirs(dirs []string, convert func(string) string) []string {
	var all []string
	for _, d := range dirs {
		if d = convert(strings.Trim(d, `" `)); strings.HasPrefix(d, "/") {
			all = append(all, d)
		}
	}
	return all
}
