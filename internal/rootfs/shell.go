package rootfs

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// isShell reports whether a program of that path runs the text behind -c.
func isShell(p string) bool {
	return slices.Contains([]string{"sh", "bash", "ash", "dash", "zsh", "ksh", "busybox", "mksh"}, path.Base(p))
}

// shellText returns the text that a shell is given to run: the argument behind
// the first flag with a c in it, such as -c or -ec.
func shellText(argv []string) string {
	if len(argv) > 1 && path.Base(argv[0]) == "busybox" && isShell(argv[1]) {
		argv = argv[1:]
	}
	for i, arg := range argv[min(1, len(argv)):] {
		if !strings.HasPrefix(arg, "-") || strings.HasPrefix(arg, "--") {
			return ""
		}
		if strings.Contains(arg, "c") && i+2 < len(argv) {
			return argv[i+2]
		}
	}
	return ""
}

var (
	assignment = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=[A-Za-z0-9_./:@%+,-]*$`)
	plainWord  = regexp.MustCompile(`^[A-Za-z0-9_./@+-]+$`)
)

// plainCommand returns the program that a shell text starts first, where that
// is plainly told: nothing before it but assignments and exec, and nothing in
// its name that a shell would expand. It is "" where the shell itself does the
// work, or nobody can tell without running it.
func plainCommand(text string) string {
	for _, word := range strings.Fields(text) {
		word, ended := cutOperator(word)
		switch {
		case word == "exec" && !ended:
			continue
		case assignment.MatchString(word) && !ended:
			continue
		case !plainWord.MatchString(word), isShellWord(word):
			return ""
		}
		return word
	}
	return ""
}

// cutOperator takes a ; & or | off the end of a word.
func cutOperator(word string) (string, bool) {
	cut := strings.TrimRight(word, ";&|")
	return cut, cut != word
}

// isShellWord reports whether a shell takes a word for its own (POSIX, shell
// command language, sections 2.4 and 2.14, and what bash adds). echo, test and
// their like exist as programs too, but the shell does not start those.
func isShellWord(word string) bool {
	return slices.Contains([]string{
		"if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until", "for", "in", "function", "select", "time",
		".", ":", "source", "break", "continue", "eval", "exit", "export", "readonly", "return", "set", "shift", "times", "trap", "unset",
		"alias", "bg", "cd", "command", "declare", "echo", "false", "fc", "fg", "getopts", "hash", "jobs", "kill", "let", "local", "printf",
		"pwd", "read", "shopt", "test", "true", "type", "typeset", "ulimit", "umask", "unalias", "wait", "builtin", "pushd", "popd",
	}, word)
}

// envCommand returns the program that env is told to start by its arguments,
// "" where it cannot be told. Source: GNU coreutils, "env invocation".
func envCommand(argv []string) string {
	for i := 1; i < len(argv); i++ {
		arg := argv[i]
		switch {
		case arg == "-S" || arg == "--split-string":
			return envCommand(append([]string{"env"}, strings.Fields(strings.Join(argv[i+1:], " "))...))
		case strings.HasPrefix(arg, "-S"), strings.HasPrefix(arg, "--split-string="):
			rest := strings.TrimPrefix(strings.TrimPrefix(arg, "-S"), "--split-string=")
			return envCommand(append([]string{"env"}, strings.Fields(strings.Join(append([]string{rest}, argv[i+1:]...), " "))...))
		case arg == "-i", arg == "-", arg == "-0", arg == "-v", arg == "--ignore-environment", arg == "--debug":
		case arg == "-u", arg == "-C", arg == "--unset", arg == "--chdir":
			i++
		case strings.HasPrefix(arg, "-"):
			return ""
		case strings.Contains(arg, "="):
		default:
			return arg
		}
	}
	return ""
}
