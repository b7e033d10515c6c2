package command

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"
)

// isShell reports whether a program at this path runs the string after -c.
func isShell(p string) bool {
	return slices.Contains([]string{"sh", "bash", "ash", "dash", "zsh", "ksh", "mksh"}, path.Base(p))
}

// shellVariant returns the grammar of the shell at a path. Bash's grammar also
// reads what POSIX shells accept.
func shellVariant(p string) syntax.LangVariant {
	switch path.Base(p) {
	case "ksh", "mksh":
		return syntax.LangMirBSDKorn
	case "zsh":
		return syntax.LangZsh
	}
	return syntax.LangBash
}

// maxShellText is how much of a shell string is parsed, in bytes. The parser
// recurses: each "(" takes about 4 KiB of stack.
const maxShellText = 8 << 10

// firstProgram returns the program that a shell string starts first, if that is
// certain: only assignments, set, cd and exec come before it, and its name has nothing
// that a shell expands. Its arguments end before the first that a shell expands.
// The result is empty if the shell itself does the work, or if what is started
// depends on the values of variables or on exit codes.
func firstProgram(text string, variant syntax.LangVariant) invocation {
	if len(text) > maxShellText {
		text = text[:strings.LastIndexByte(text[:maxShellText], '\n')+1]
	}
	var c invocation
	done := false
	// Not a range loop: the parser may yield an error after the loop has ended.
	syntax.NewParser(syntax.Variant(variant)).StmtsSeq(strings.NewReader(text))(func(s *syntax.Stmt, err error) bool {
		done = done || err != nil || c.readStmt(s)
		return !done
	})
	return c
}

// readStmt reads a statement. It reports whether the search ends with it.
func (c *invocation) readStmt(s *syntax.Stmt) bool {
	done := true
	switch cmd := s.Cmd.(type) {
	case *syntax.CallExpr:
		done = c.readCall(cmd)
	case *syntax.BinaryCmd:
		done = c.readStmt(cmd.X) || cmd.Op != syntax.AndStmt || c.readStmt(cmd.Y)
	case *syntax.Block:
		done = slices.ContainsFunc(cmd.Stmts, c.readStmt)
	case *syntax.Subshell: // its variables end with it
		_ = slices.ContainsFunc(cmd.Stmts, c.readStmt)
	}
	return done || s.Negated || s.Background || s.Coprocess
}

// readCall reads a simple command. It reports whether the search ends with it:
// assignments and some builtins do not start anything.
func (c *invocation) readCall(call *syntax.CallExpr) bool {
	if c.readBuiltin(call) {
		return false
	}
	for _, a := range call.Assigns {
		if !c.assign(a) {
			return true
		}
	}
	args := call.Args
	for len(args) > 0 && isLiteral(args[0], "exec") {
		args = args[1:]
	}
	for i, w := range args {
		word, ok := literal(w)
		if !ok || i == 0 && (!programName().MatchString(word) || isShellBuiltin(word)) {
			break
		}
		c.argv = append(c.argv, word)
	}
	return len(call.Args) > 0
}

// assign adds a variable. It reports false if its value is not certain.
func (c *invocation) assign(a *syntax.Assign) bool {
	if a.Append || a.Index != nil || a.Array != nil {
		return false
	}
	value, ok := "", a.Value == nil
	if !ok {
		value, ok = literal(a.Value)
	}
	if ok {
		c.env = append(c.env, a.Name.Value+"="+value)
	}
	return ok
}

var programName = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`^[A-Za-z0-9_./@+][^=]*$`)
})

var plainWord = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`^[A-Za-z0-9_./:@%+,=-]+$`)
})

// literal returns a word without its quotes. It reports false if the word has
// anything that a shell may expand.
func literal(w *syntax.Word) (string, bool) {
	var b strings.Builder
	for _, part := range w.Parts {
		text, ok := literalPart(part)
		if !ok {
			return "", false
		}
		b.WriteString(text)
	}
	return b.String(), true
}

func literalPart(part syntax.WordPart) (string, bool) {
	switch part := part.(type) {
	case *syntax.Lit:
		return part.Value, plainWord().MatchString(part.Value)
	case *syntax.SglQuoted:
		return part.Value, !part.Dollar
	case *syntax.DblQuoted:
		if len(part.Parts) == 0 {
			return "", !part.Dollar
		}
		lit, ok := part.Parts[0].(*syntax.Lit)
		if !ok || part.Dollar || len(part.Parts) > 1 || strings.Contains(lit.Value, `\`) {
			return "", false
		}
		return lit.Value, true
	}
	return "", false
}

func isLiteral(w *syntax.Word, text string) bool {
	word, ok := literal(w)
	return ok && word == text
}

// isShellBuiltin reports whether a shell handles a word itself. The words are
// those of POSIX (shell command language, sections 2.4 and 2.14) and those that
// bash, zsh, ksh, mksh and BusyBox' ash add. echo and test also exist as
// programs, but the shell does not start those.
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
