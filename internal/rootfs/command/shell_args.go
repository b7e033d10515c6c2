package command

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// shellArgs are the arguments of a shell, after its flags.
type shellArgs struct {
	// operands begin with the string if hasText is set, else with the script.
	operands []string
	hasText  bool
	// readsInput means that the script is the standard input, and pathChanged that a
	// profile or a startup file may set another PATH.
	readsInput, pathChanged bool
}

// parseShellArgs reads the arguments of a shell. It reports false if they have a flag
// that is not understood.
func parseShellArgs(args []string) (shellArgs, bool) {
	var a shellArgs
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		flags := args[0]
		if args = args[1:]; strings.HasPrefix(flags, "--") {
			return shellArgs{}, false
		}
		a.hasText = a.hasText || strings.Contains(flags, "c")
		a.readsInput = a.readsInput || strings.Contains(flags, "s")
		a.pathChanged = a.pathChanged || strings.ContainsAny(flags, "il")
		if strings.ContainsAny(flags, "oO") && len(args) > 0 { // the name of an option
			args = args[1:]
		}
	}
	a.operands = args
	return a, true
}

// shellCall returns what the string after -c makes a shell start first, and the
// program that the arguments of a shell script name: most scripts of images end in
// exec "$@", and strings after -c may do as well.
func shellCall(argv []string) (text, script invocation) {
	a, understood := parseShellArgs(argv[1:])
	if !understood || len(a.operands) == 0 {
		return invocation{}, invocation{}
	}
	rest := a.operands[1:] // without the script
	if a.hasText {
		text = firstProgram(a.operands[0], shellVariant(argv[0]))
		if len(rest) > 0 {
			rest = rest[1:] // the name that the string has as $0
		}
		if !endsInArgs(a.operands[0]) {
			rest = nil
		}
		if len(text.argv) == 0 {
			script.env = text.env
		}
	}
	if len(rest) > 0 && rest[0] != "" && !strings.HasPrefix(rest[0], "-") {
		script.argv = rest
	}
	text.pathChanged = text.pathChanged || a.pathChanged
	script.pathChanged = text.pathChanged
	return text, script
}

// endsInArgs reports whether the last that a string does is to start its arguments.
func endsInArgs(text string) bool {
	text = strings.TrimSpace(text)
	return text == `"$@"` || strings.HasSuffix(text, `exec "$@"`)
}

// scriptFile returns the absolute path of the script that a shell reads, "" if it does
// not read one. Files of the kernel are not in the image.
func scriptFile(argv []string) string {
	a, understood := parseShellArgs(argv[1:])
	if !understood || a.hasText || a.readsInput || len(a.operands) == 0 {
		return ""
	}
	name := path.Clean(a.operands[0])
	isOfKernel := slices.ContainsFunc([]string{"/dev/", "/proc/"}, func(dir string) bool { return strings.HasPrefix(name, dir) })
	if !path.IsAbs(name) || isOfKernel {
		return ""
	}
	return a.operands[0]
}

// readBuiltin reads a builtin after which the rest of a string is as certain as before:
// set with flags, and cd, after which only an absolute path is. It reports false if
// this is another command.
func (c *invocation) readBuiltin(call *syntax.CallExpr) bool {
	var words []string
	for _, w := range call.Args {
		word, ok := literal(w)
		if !ok {
			return false
		}
		words = append(words, word)
	}
	switch {
	case len(call.Assigns) > 0 || len(words) < 2:
		return false
	case words[0] == "set":
		return areOptions(words[1:])
	case words[0] == "cd" && len(words) == 2 && !strings.HasPrefix(words[1], "-"):
		c.pathChanged = true
		return true
	}
	return false
}

// areOptions reports whether words are only options of set that change neither what is
// executed nor the arguments: not -n, -t, -k and operands.
func areOptions(words []string) bool {
	for len(words) > 0 {
		flags := words[0]
		if words = words[1:]; len(flags) < 2 || !strings.ContainsAny(flags[:1], "-+") || strings.Trim(flags[1:], "aefuvxBCETbhmo") != "" {
			return false
		}
		if !strings.Contains(flags, "o") {
			continue
		}
		if len(words) == 0 || slices.Contains([]string{"noexec", "onecmd", "keyword"}, words[0]) {
			return false
		}
		words = words[1:]
	}
	return true
}
