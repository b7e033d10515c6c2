package command

import (
	"context"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"manifest-tool/internal/rootfs"
)

// windowsCall returns the program that cmd /C NAME or cmd /K NAME starts.
func (r *resolution) windowsCall(ctx context.Context, argv []string) invocation {
	name := strings.TrimSuffix(strings.ToLower(rootfs.CleanWindowsPath(argv[0])), ".exe")
	if path.Base(name) != "cmd" {
		return invocation{}
	}
	strips := false // cmd removes the outer quotes, whatever is between them
	for i, arg := range argv[1:] {
		switch {
		case strings.EqualFold(arg, "/s"):
			strips = true
		case strings.EqualFold(arg, "/c"), strings.EqualFold(arg, "/k"):
			return r.cmdText(ctx, argv[i+2:], strips)
		case !strings.HasPrefix(arg, "/"):
			return invocation{}
		}
	}
	return invocation{}
}

// cmdText returns the program that these arguments make cmd start. A runtime
// quotes an argument with blanks. Without /S, cmd keeps the quotes if the
// argument is the name of a program, and removes them if it is not. A quoted
// name with arguments is not followed.
// Source: cmd /?, on quotes after /C; Win32, CommandLineToArgvW.
func (r *resolution) cmdText(ctx context.Context, args []string, strips bool) invocation {
	if len(args) == 0 {
		return invocation{}
	}
	text := args[0]
	if strings.ContainsAny(text, " \t") {
		if len(args) > 1 {
			return invocation{}
		}
		if _, err := r.find(ctx, text); err == nil && !strips {
			return invocation{argv: []string{text}}
		}
	}
	return firstCmdProgram(text)
}

// cmdMetachars are the characters that may have a meaning for cmd: they separate
// commands, words and names, quote, expand, or occur in a short name (PROGRA~1).
const cmdMetachars = `"%!&|<>^()@,;=/*?~` + "`"

// cmdName matches a name without a colon, except for that of a drive before an
// absolute path.
var cmdName = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`^(?:(?:[A-Za-z]:)?\\)?[^:\\]+(?:\\[^:\\]+)*$`)
})

// isCmdName reports whether a word can only be the name of a program for cmd.
func isCmdName(word string) bool {
	return cmdName().MatchString(word) && !strings.ContainsAny(word, cmdMetachars) && strings.Trim(word, ".") != "" && !isCmdBuiltin(word)
}

// firstCmdProgram returns the program that a string for cmd begins with, after an
// optional @. The result is empty for a built-in command, which may also change
// the directory in which later names are searched.
func firstCmdProgram(text string) invocation {
	words := strings.Fields(text)
	if len(words) == 0 {
		return invocation{}
	}
	if word := strings.TrimLeft(words[0], "@"); isCmdName(word) {
		return invocation{argv: []string{word}}
	}
	return invocation{}
}

// isCmdBuiltin reports whether a word is a command built into cmd.exe, alone or
// joined to an argument, as in cd.. and echo. and cd\app.
// Source: the help of Windows' cmd.exe.
func isCmdBuiltin(word string) bool {
	if i := strings.IndexAny(word, `.:\+[]`); i >= 0 {
		word = word[:i]
	}
	return slices.Contains([]string{
		"assoc", "break", "call", "cd", "chdir", "cls", "color", "copy", "date", "del", "dir", "dpath", "echo", "endlocal", "erase",
		"exit", "for", "ftype", "goto", "if", "keys", "md", "mkdir", "mklink", "move", "path", "pause", "popd", "prompt", "pushd",
		"rd", "rem", "ren", "rename", "rmdir", "set", "setlocal", "shift", "start", "time", "title", "type", "ver", "verify", "vol",
	}, strings.ToLower(word))
}
