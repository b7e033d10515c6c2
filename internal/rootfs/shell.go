package rootfs

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// isShell reports whether a program of that path runs the text behind -c.
func isShell(p string) bool {
	return slices.Contains([]string{"sh", "bash", "ash", "dash", "zsh", "ksh", "mksh"}, path.Base(p))
}

// shellCall returns what a shell is told to start first by the text behind -c.
// A shell that reads a profile, or a file for people, may set another PATH.
func shellCall(argv []string) invocation {
	told, moved := false, false
	args := argv[1:]
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		flags := args[0]
		if args = args[1:]; strings.HasPrefix(flags, "--") {
			return invocation{}
		}
		told = told || strings.Contains(flags, "c")
		moved = moved || strings.ContainsAny(flags, "il")
		if strings.ContainsAny(flags, "oO") && len(args) > 0 { // the name of an option
			args = args[1:]
		}
	}
	if !told || len(args) == 0 {
		return invocation{}
	}
	c := firstProgram(args[0])
	c.moved = moved
	return c
}

var (
	assignment = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=[A-Za-z0-9_./:@%+,-]*$`)
	plainName  = regexp.MustCompile(`^[A-Za-z0-9_./@+][A-Za-z0-9_./@+-]*$`)
	plainWord  = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,=-]+$`)
)

// firstProgram returns the program that a shell text starts first, where that is
// plainly told: nothing before it but assignments and exec, and nothing in its
// name that a shell would expand. Its arguments end with the first that a shell
// would. It is empty where the shell itself does the work, or nobody can tell
// without running it.
func firstProgram(text string) invocation {
	var c invocation
	for line := range strings.Lines(text) {
		if c.read(strings.Fields(line)) {
			break
		}
	}
	return c
}

// read takes the words of a line, and reports whether what is started is known
// then, or known not to be told.
func (c *invocation) read(line []string) bool {
	for _, word := range line {
		word, ended := cutOperator(word)
		word = unquote(word)
		switch {
		case len(c.argv) == 1 && strings.HasPrefix(word, "("): // a function
			c.argv = nil
			return true
		case len(c.argv) > 0 && !plainWord.MatchString(word):
			return true
		case len(c.argv) > 0:
		case word == "exec" && !ended:
			continue
		case assignment.MatchString(word) && !ended:
			c.env = append(c.env, word)
			continue
		case !plainName.MatchString(word), isShellBuiltin(word):
			return true
		}
		if c.argv = append(c.argv, word); ended {
			return true
		}
	}
	return len(c.argv) > 0
}

// unquote takes the quotes off a word that is plain but for them. Others, and
// what would be an assignment without its quotes, are returned as they are.
func unquote(word string) string {
	if last := len(word) - 1; last > 1 && word[0] == word[last] && (word[0] == '\'' || word[0] == '"') {
		if inner := word[1:last]; plainWord.MatchString(inner) && !assignment.MatchString(inner) {
			return inner
		}
	}
	return word
}

// cutOperator takes a ; & or | off the end of a word.
func cutOperator(word string) (string, bool) {
	cut := strings.TrimRight(word, ";&|")
	return cut, cut != word
}

// isShellBuiltin reports whether a shell takes a word for its own. The words are
// those of POSIX (shell command language, sections 2.4 and 2.14) and those that
// bash, zsh, ksh, mksh and BusyBox' ash add. echo, test and their like exist as
// programs too, but the shell does not start those.
func isShellBuiltin(word string) bool {
	return slices.Contains([]string{
		"if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until", "for", "in", "function", "select", "time", "coproc",
		".", ":", "source", "break", "continue", "eval", "exit", "export", "readonly", "return", "set", "shift", "times", "trap", "unset",
		"alias", "bg", "cd", "command", "declare", "echo", "false", "fc", "fg", "getopts", "hash", "jobs", "kill", "let", "local", "printf",
		"pwd", "read", "shopt", "test", "true", "type", "typeset", "ulimit", "umask", "unalias", "wait", "builtin", "pushd", "popd",
		"bind", "caller", "compgen", "complete", "compopt", "dirs", "disown", "enable", "help", "history", "logout", "mapfile", "readarray", "suspend",
		"autoload", "bindkey", "bye", "chdir", "compdef", "disable", "echotc", "echoti", "emulate", "end", "float", "foreach", "functions", "getln",
		"integer", "limit", "log", "nocorrect", "noglob", "print", "private", "pushln", "r", "rehash", "repeat", "sched", "setopt", "unfunction",
		"unhash", "unlimit", "unsetopt", "vared", "whence", "where", "which", "zcompile", "zle", "zmodload", "zparseopts", "zstyle",
		"compound", "enum", "global", "hist", "nameref", "namespace",
	}, word)
}
