package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// normalizeArgs moves flags after the command and its arguments and gives long
// flags their second dash, so that flags may be anywhere (those of a subcommand
// also before its name) and scripts for v2, which accepted -raw for --raw, keep
// working. Arguments after -- and unknown flags are not changed: cobra reports
// the latter.
func normalizeArgs(root *cobra.Command, args []string) []string {
	if isCompletion(args) || !slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "-") }) {
		return args
	}
	known := flagIndexFor(root, args)
	var words, flags, rest []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			rest = args[i:]
			break
		}
		name, value, joined := flagName(arg)
		f := known[name]
		if f == nil && !strings.HasPrefix(arg, "--") {
			f = known["-"+name] // its shorthand
		}
		switch {
		case arg == "-help":
			flags = append(flags, "--help") // cobra adds the flag later
			continue
		case name == "":
			words = append(words, arg)
			continue
		case f == nil:
			flags = append(flags, arg)
			continue
		case !joined && f.NoOptDefVal == "" && i+1 < len(args):
			i++
			value, joined = args[i], true
		}
		flags = append(flags, longForm(f, value, joined))
	}
	// After the words: cobra, looking for the command, would take the word
	// after a flag of a subcommand for that flag's value.
	return slices.Concat(words, flags, rest)
}

// flagName splits -name, --name and --name=value; a plain word has no name.
func flagName(arg string) (name, value string, joined bool) {
	dashless := strings.TrimLeft(arg, "-")
	dashes := len(arg) - len(dashless)
	if dashes == 0 || dashes > 2 || dashless == "" {
		return "", "", false
	}
	name, value, joined = strings.Cut(dashless, "=")
	return name, value, joined
}

func longForm(f *pflag.Flag, value string, joined bool) string {
	if !joined {
		return "--" + f.Name
	}
	return "--" + f.Name + "=" + value
}

// isCompletion reports whether a shell requests completions. It shows all output
// in the line that is being typed.
func isCompletion(args []string) bool {
	return len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd)
}

// flagIndexFor returns the flags of the whole tree by name; if several commands
// have a flag of one name, that of the command in args.
func flagIndexFor(root *cobra.Command, args []string) map[string]*pflag.Flag {
	known := flagIndex(root)
	c := findCommand(root, args, known)
	add := func(f *pflag.Flag) { addToIndex(known, f) }
	c.InheritedFlags().VisitAll(add)
	c.LocalFlags().VisitAll(add)
	return known
}

// findCommand finds the command in args. The value of a flag is not taken for a
// command, unless commands disagree whether the flag has one.
func findCommand(root *cobra.Command, args []string, known map[string]*pflag.Flag) *cobra.Command {
	at := root
	for i := 0; i < len(args) && args[i] != "--"; i++ {
		name, _, joined := flagName(args[i])
		if f := known[name]; f != nil && !joined && f.NoOptDefVal == "" {
			i++
		}
		if name != "" {
			continue
		}
		for _, sub := range at.Commands() {
			if sub.Name() == args[i] {
				at = sub
				break
			}
		}
	}
	return at
}

// addToIndex adds a flag under its long name, and under its letter with the dash.
func addToIndex(known map[string]*pflag.Flag, f *pflag.Flag) {
	known[f.Name] = f
	if f.Shorthand != "" {
		known["-"+f.Shorthand] = f
	}
}

// flagIndex collects the flags of the whole tree by name. It reads only each
// command's own flags: cobra's functions that include inherited ones merge and
// sort those of all parents each time, which took longer than the rest of startup.
func flagIndex(c *cobra.Command) map[string]*pflag.Flag {
	all := map[string]*pflag.Flag{}
	add := func(f *pflag.Flag) { addToIndex(all, f) }
	c.PersistentFlags().VisitAll(add)
	c.Flags().VisitAll(add)
	for _, sub := range c.Commands() {
		for name, f := range flagIndex(sub) {
			// A flag that takes no value here and one there is taken for the
			// former until the command is known.
			if old := all[name]; old == nil || old.NoOptDefVal == "" {
				all[name] = f
			}
		}
	}
	return all
}
