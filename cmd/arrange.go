package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// arrange moves flags behind the command and its arguments and gives long
// flags their second dash, so that flags may stand anywhere (also those of a
// subcommand before its name) and scripts written for the predecessor, whose
// flag parser took -raw for --raw, go on working. What follows -- stays as it
// is, and so do flags nobody knows: cobra then names them.
func arrange(root *cobra.Command, args []string) []string {
	if len(args) > 0 && strings.HasPrefix(args[0], "__complete") {
		return args
	}
	known := allFlags(root)
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
			f = known["-"+name] // its one letter
		}
		switch {
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
		flags = append(flags, long(f, value, joined))
	}
	// Behind the words: cobra, looking for the command, would take the word
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

func long(f *pflag.Flag, value string, joined bool) string {
	if !joined {
		return "--" + f.Name
	}
	return "--" + f.Name + "=" + value
}

// allFlags collects the flags of the whole tree by their long names, and by
// their letters with the dash. A name means the same in every command that has it; a test holds that.
func allFlags(c *cobra.Command) map[string]*pflag.Flag {
	all := map[string]*pflag.Flag{}
	add := func(f *pflag.Flag) {
		all[f.Name] = f
		if f.Shorthand != "" {
			all["-"+f.Shorthand] = f
		}
	}
	c.PersistentFlags().VisitAll(add)
	c.LocalFlags().VisitAll(add)
	for _, sub := range c.Commands() {
		for name, f := range allFlags(sub) {
			all[name] = f
		}
	}
	return all
}
