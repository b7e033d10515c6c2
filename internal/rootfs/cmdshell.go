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
func (r *resolution) windowsCall(ctx context.Context, argv []string) call {
	name := strings.TrimSuffix(strings.ToLower(fromWindows(argv[0])), ".exe")
	if path.Base(name) != "cmd" {
		return call{}
	}
	strips := false // both outer quotes are taken off, whatever is in them
	for i, arg := range argv[1:] {
		switch {
		case strings.EqualFold(arg, "/s"):
			strips = true
		case strings.EqualFold(arg, "/c"), strings.EqualFold(arg, "/k"):
			return r.cmdText(ctx, argv[i+2:], strips)
		case !strings.HasPrefix(arg, "/"):
			return call{}
		}
	}
	return call{}
}

// cmdText reads the text that cmd gets in these arguments. A runtime puts one
// with blanks in quotes, which cmd takes off again; without /S it leaves those
// around the name of a program. What it makes of quotes around a part of the
// text is not told, but where they are written into a command line with /S.
// Source: cmd /?, on quotes behind /C; Win32, CommandLineToArgvW.
func (r *resolution) cmdText(ctx context.Context, args []string, strips bool) call {
	text := strings.Join(args, " ")
	switch blanks := strings.ContainsAny(text, " \t"); {
	case r.line && strips:
		return quotedCmd(text)
	case r.line || !blanks:
	case len(args) > 1 && strings.ContainsAny(args[0], " \t"):
		return call{}
	case len(args) == 1 && !strips:
		if _, err := r.find(ctx, text); err == nil {
			return call{argv: []string{text}}
		}
	}
	return plainCmd(text)
}

// quotedCmd is plainCmd for a text of which cmd takes the first quote and the
// last off, where it begins with one. What it begins with then may be a name in
// quotes.
func quotedCmd(text string) call {
	if last := strings.LastIndex(text, `"`); last > 0 && text[0] == '"' {
		text = text[1:last] + text[last+1:]
	}
	name, rest, closed := strings.Cut(strings.TrimPrefix(text, `"`), `"`)
	switch {
	case !strings.HasPrefix(text, `"`):
		return plainCmd(text)
	case !closed, rest != "" && rest[0] != ' ', !isCmdName(name):
		return call{}
	}
	return call{argv: []string{name}}
}

// cmdSigns have a meaning for cmd, or may have one: they part commands, words
// and names, quote, expand, or stand in a short name (PROGRA~1).
const cmdSigns = `"%!&|<>^()@,;=/*?~` + "`"

// cmdName is a name whose colon, if it has one, is that of a drive before a
// path from its root.
var cmdName = regexp.MustCompile(`^(?:(?:[A-Za-z]:)?\\)?[^:\\]+(?:\\[^:\\]+)*$`)

// isCmdName reports whether cmd takes a word for the name of a program, and for
// nothing else.
func isCmdName(word string) bool {
	return cmdName.MatchString(word) && !strings.ContainsAny(word, cmdSigns) && strings.Trim(word, ".") != "" && !isCmdWord(word)
}

// plainCmd returns the program that a text for cmd starts first, where nothing
// stands before it but @. It is empty where cmd itself does the work, which
// may also change the folder in which a name is looked for.
func plainCmd(text string) call {
	words := strings.Fields(text)
	if len(words) == 0 {
		return call{}
	}
	if word := strings.TrimLeft(words[0], "@"); isCmdName(word) {
		return call{argv: []string{word}}
	}
	return call{}
}

// isCmdWord reports whether cmd takes a word for its own, or for one of its own
// and an argument, as in cd.. and echo. and cd\app.
// Source: help of Windows' cmd.exe, which has these built in.
func isCmdWord(word string) bool {
	if i := strings.IndexAny(word, `.:\+[]`); i >= 0 {
		word = word[:i]
	}
	return slices.Contains([]string{
		"assoc", "break", "call", "cd", "chdir", "cls", "color", "copy", "date", "del", "dir", "dpath", "echo", "endlocal", "erase",
		"exit", "for", "ftype", "goto", "if", "keys", "md", "mkdir", "mklink", "move", "path", "pause", "popd", "prompt", "pushd",
		"rd", "rem", "ren", "rename", "rmdir", "set", "setlocal", "shift", "start", "time", "title", "type", "ver", "verify", "vol",
	}, strings.ToLower(word))
}
