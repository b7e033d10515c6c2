package rootfs

import (
	"context"
	"path"
	"regexp"
	"slices"
	"strings"
)

// windowsCall returns what cmd is told to start first by the text behind /C or
// /K, where that is plainly told.
func (r *resolution) windowsCall(ctx context.Context, argv []string) invocation {
	name := strings.TrimSuffix(strings.ToLower(cleanWindowsPath(argv[0])), ".exe")
	if path.Base(name) != "cmd" {
		return invocation{}
	}
	strips := false // both outer quotes are taken off, whatever is in them
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

// cmdText reads the text that cmd gets in these arguments. A runtime puts one
// with blanks in quotes, which cmd takes off again; without /S it leaves those
// around the name of a program. What it makes of quotes around a part of the
// text is not told, but where they are written into a command line with /S.
// Source: cmd /?, on quotes behind /C; Win32, CommandLineToArgvW.
func (r *resolution) cmdText(ctx context.Context, args []string, strips bool) invocation {
	text := strings.Join(args, " ")
	switch blanks := strings.ContainsAny(text, " \t"); {
	case r.isCommandLine && strips:
		return unquoteCmd(text)
	case r.isCommandLine || !blanks:
	case len(args) > 1 && strings.ContainsAny(args[0], " \t"):
		return invocation{}
	case len(args) == 1 && !strips:
		if _, err := r.find(ctx, text); err == nil {
			return invocation{argv: []string{text}}
		}
	}
	return firstCmdProgram(text)
}

// unquoteCmd is firstCmdProgram for a text of which cmd takes the first quote and the
// last off, where it begins with one. What it begins with then may be a name in
// quotes.
func unquoteCmd(text string) invocation {
	if last := strings.LastIndex(text, `"`); last > 0 && text[0] == '"' {
		text = text[1:last] + text[last+1:]
	}
	name, rest, closed := strings.Cut(strings.TrimPrefix(text, `"`), `"`)
	switch {
	case !strings.HasPrefix(text, `"`):
		return firstCmdProgram(text)
	case !closed, rest != "" && rest[0] != ' ', !isCmdName(name):
		return invocation{}
	}
	return invocation{argv: []string{name}}
}

// cmdMetachars have a meaning for cmd, or may have one: they part commands, words
// and names, quote, expand, or stand in a short name (PROGRA~1).
const cmdMetachars = `"%!&|<>^()@,;=/*?~` + "`"

// cmdName is a name whose colon, if it has one, is that of a drive before a
// path from its root.
var cmdName = regexp.MustCompile(`^(?:(?:[A-Za-z]:)?\\)?[^:\\]+(?:\\[^:\\]+)*$`)

// isCmdName reports whether cmd takes a word for the name of a program, and for
// nothing else.
func isCmdName(word string) bool {
	return cmdName.MatchString(word) && !strings.ContainsAny(word, cmdMetachars) && strings.Trim(word, ".") != "" && !isCmdBuiltin(word)
}

// firstCmdProgram returns the program that a text for cmd starts first, where nothing
// stands before it but @. It is empty where cmd itself does the work, which
// may also change the folder in which a name is looked for.
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

// isCmdBuiltin reports whether cmd takes a word for its own, or for one of its own
// and an argument, as in cd.. and echo. and cd\app.
// Source: help of Windows' cmd.exe, which has these built in.
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
