package command

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// invocation is what a program starts according to its arguments.
type invocation struct {
	// argv is empty if nothing is started or if it is unknown what. Arguments at
	// its end may be missing.
	argv []string
	// env are variables that are set for it, as NAME=value.
	env []string
	// pathChanged means that PATH or the working directory are unknown.
	pathChanged bool
}

// wrapper is the command line syntax of a program that runs another in its place
// or as its child: flags, operands of its own, the program, its arguments.
type wrapper struct {
	name string
	// flags take no value. values take one, joined or as the next argument.
	// Those of one letter follow one dash, the others two. The arguments after
	// any other flag are not understood.
	flags, values []string
	// operands is the number of operands before the program.
	operands int
	// variables means that NAME=value operands may come before the program.
	variables bool
	// changesPath are the flags that change PATH or the working directory.
	changesPath []string
	// numericFlag means that a signed number is a flag, as in nice -5 and nice -+5.
	numericFlag bool
	// splits are the values that hold arguments, separated by blanks.
	splits []string
	// fallback is what happens if the kernel does not execute the program.
	fallback Fallback
}

// wrappers returns those that are common in images, with the flags that may come
// before a program. docs/verify.md lists the names. All but gosu, which is written
// in Go, call execvp. The usual builds of the inits and of nice have a C library
// whose execvp runs text with /bin/sh; env, setpriv and su-exec are often those of
// BusyBox and Alpine, whose C library does not.
// Source: the manuals of tini, dumb-init, catatonit, gosu and su-exec; of
// setpriv in util-linux; of nice and env in GNU coreutils.
func wrappers() []wrapper {
	return []wrapper{
		{name: "tini", fallback: FallbackShell, flags: words("g s v w"), values: words("e p")},
		{name: "tini-static", fallback: FallbackShell, flags: words("g s v w"), values: words("e p")},
		{name: "dumb-init", fallback: FallbackShell, flags: words("c v single-child verbose"), values: words("r rewrite")},
		{name: "catatonit", fallback: FallbackShell, flags: words("g")},
		{name: "gosu", fallback: FallbackNone, operands: 1},
		{name: "su-exec", fallback: FallbackLibrary, operands: 1},
		{
			name: "setpriv", fallback: FallbackLibrary, flags: words("nnp no-new-privs clear-groups keep-groups init-groups reset-env"), changesPath: words("reset-env"),
			values: words("reuid regid ruid euid rgid egid groups inh-caps ambient-caps bounding-set securebits pdeathsig"),
		},
		{name: "nice", fallback: FallbackShell, values: words("n adjustment"), numericFlag: true},
		{
			name: "env", fallback: FallbackLibrary, variables: true, flags: words("i ignore-environment v debug"), values: words("u unset C chdir S split-string"),
			changesPath: words("i ignore-environment u unset C chdir"), splits: words("S split-string"),
		},
	}
}

func words(s string) []string { return strings.Fields(s) }

// wrapperOf returns the wrapper of a program's name.
func wrapperOf(p string) (wrapper, bool) {
	all := wrappers()
	i := slices.IndexFunc(all, func(w wrapper) bool { return w.name == path.Base(p) })
	if i < 0 {
		return wrapper{}, false
	}
	return all[i], true
}

var signedNumber = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant, made late
	return regexp.MustCompile(`^-[-+]?[0-9]+$`)
})

// parse reads the arguments of a wrapper. The result is empty if they are not
// understood.
func (w wrapper) parse(args []string) invocation {
	var c invocation
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		if args[0] == "--" {
			args = args[1:]
			break
		}
		if w.numericFlag && signedNumber().MatchString(args[0]) {
			args = args[1:]
			continue
		}
		understood := false
		if args, understood = w.flag(&c, args); !understood {
			return invocation{}
		}
	}
	for w.variables && len(args) > 0 && strings.Contains(args[0], "=") {
		c.env, args = append(c.env, args[0]), args[1:]
	}
	if len(args) > w.operands {
		c.argv = args[w.operands:]
	}
	return c
}

// flag reads the first argument and returns the arguments after it and its value.
func (w wrapper) flag(c *invocation, args []string) ([]string, bool) {
	arg, args := args[0], args[1:]
	if long, isLong := strings.CutPrefix(arg, "--"); isLong {
		name, value, joined := strings.Cut(long, "=")
		return w.named(c, name, value, joined, args)
	}
	for rest := arg[1:]; rest != ""; {
		name := rest[:1]
		rest = rest[1:]
		if slices.Contains(w.values, name) {
			return w.named(c, name, rest, rest != "", args)
		}
		if _, understood := w.named(c, name, "", false, args); !understood {
			return nil, false
		}
	}
	return args, arg != "-"
}

// named reads the value of a flag, which may be joined to it or the next
// argument, and returns the arguments after it.
func (w wrapper) named(c *invocation, name, value string, joined bool, args []string) ([]string, bool) {
	c.pathChanged = c.pathChanged || slices.Contains(w.changesPath, name)
	switch {
	case slices.Contains(w.flags, name):
		return args, !joined
	case !slices.Contains(w.values, name), !joined && len(args) == 0:
		return nil, false
	case !joined:
		value, args = args[0], args[1:]
	}
	if !slices.Contains(w.splits, name) {
		return args, true
	}
	plain, complete := plainWords(value)
	if !complete {
		return plain, true
	}
	return append(plain, args...), true
}

// plainWords splits a string at its blanks, up to the first word with a character
// that is special to env. complete reports whether all words are returned.
func plainWords(text string) (plain []string, complete bool) {
	for _, word := range strings.Fields(text) {
		if !plainWord().MatchString(word) {
			return plain, false
		}
		plain = append(plain, word)
	}
	return plain, true
}
