package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// addHelp adds cobra's help command, and makes it reject unknown commands; cobra's
// accepts any word.
func addHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	help := subcommand(root, "help")
	help.Use, help.Short = "help [COMMAND | TOPIC]", "Show the help of a command or a topic"
	help.Long = "Show the help of a command, or of a topic: flags or exit-codes."
	help.Run = nil
	help.RunE = func(_ *cobra.Command, args []string) error {
		c, rest, err := root.Find(args)
		if err != nil || len(rest) > 0 {
			return rejectUnknownCommand(c, rest)
		}
		return c.Help()
	}
	complete := help.ValidArgsFunction
	help.ValidArgsFunction = func(c *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
		found, directive := complete(c, args, word)
		for _, topic := range root.Commands() {
			if len(args) == 0 && topic.IsAdditionalHelpTopicCommand() && strings.HasPrefix(topic.Name(), word) {
				found = append(found, cobra.CompletionWithDesc(topic.Name(), topic.Short))
			}
		}
		return found, directive
	}
}

// newFlagsTopic returns the help topic that describes the global flags.
func newFlagsTopic(groups []flagGroup) *cobra.Command {
	c := &cobra.Command{Use: "flags", Short: "Flags of every command"}
	c.SetHelpFunc(func(c *cobra.Command, _ []string) {
		c.Println("Flags of every command. docs/config.md describes how to set them for every run.")
		for _, g := range groups {
			c.Printf("\n%s:\n%s", g.title, g.flags.FlagUsagesWrapped(usageColumns))
		}
	})
	return c
}

// newExitCodesTopic returns the help topic that describes the exit codes.
func newExitCodesTopic() *cobra.Command {
	text := "Exit codes of every command:\n"
	for _, e := range exitCodes() {
		text += fmt.Sprintf("\n  %-4d %s", e.code, e.meaning)
	}
	return &cobra.Command{Use: "exit-codes", Short: "Exit codes of every command", Long: text}
}

func subcommand(root *cobra.Command, name string) *cobra.Command {
	all := root.Commands()
	return all[slices.IndexFunc(all, func(c *cobra.Command) bool { return c.Name() == name })]
}

// usageColumns is the width that descriptions of flags are wrapped to.
const usageColumns = 80

// commandGroups are the groups of commands in the help of the root command.
func commandGroups() []*cobra.Group {
	return []*cobra.Group{
		{ID: "assemble", Title: "Assemble"}, {ID: "ask", Title: "Ask"}, {ID: "check", Title: "Check"}, {ID: "run", Title: "Run"}, {ID: "setup", Title: "Set up"},
	}
}

// addGroup adds commands to the root command, in a group and in this order.
func addGroup(root *cobra.Command, id string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = id
		root.AddCommand(c)
	}
}

// printUsage prints how a command is called, its subcommands and flags. Global
// flags are on a page of their own.
func printUsage(c *cobra.Command) error {
	var b strings.Builder
	if c.HasParent() {
		writeUsage(&b, c)
	} else {
		writeRootUsage(&b, c)
	}
	_, err := fmt.Fprint(c.OutOrStderr(), b.String())
	return err
}

func writeUsage(b *strings.Builder, c *cobra.Command) {
	fmt.Fprintf(b, "Usage:\n  %s\n", usageLine(c))
	if c.HasExample() {
		fmt.Fprintf(b, "\nExamples:\n%s\n", c.Example)
	}
	if c.HasAvailableSubCommands() {
		b.WriteString("\nCommands:\n")
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				fmt.Fprintf(b, "  %-*s %s\n", sub.NamePadding(), sub.Name(), sub.Short)
			}
		}
	}
	flags := ownFlags(c)
	fmt.Fprintf(b, "\nFlags:\n%s", flags.FlagUsagesWrapped(usageColumns))
	fmt.Fprintf(b, "\n\"%s help flags\" lists the global flags.\n", c.Root().Name())
}

// usageLine returns how a command is called.
func usageLine(c *cobra.Command) string {
	if c.HasAvailableSubCommands() {
		return c.CommandPath() + " COMMAND [flags]"
	}
	return c.UseLine()
}

// ownFlags returns the flags of a command and of its parents, but for those of
// the root command.
func ownFlags(c *cobra.Command) *pflag.FlagSet {
	own := newFlagSet()
	own.AddFlagSet(c.LocalFlags())
	c.InheritedFlags().VisitAll(func(f *pflag.Flag) {
		if c.Root().PersistentFlags().Lookup(f.Name) != f {
			own.AddFlag(f)
		}
	})
	return own
}

// writeRootUsage writes the help of the program. It fits a terminal of 24 lines: the
// commands that set the program up are only named.
func writeRootUsage(b *strings.Builder, root *cobra.Command) {
	fmt.Fprintf(b, "Usage: %s\n\n", usageLine(root))
	for _, g := range root.Groups() {
		title := g.Title
		var names []string
		for _, c := range root.Commands() {
			switch {
			case c.GroupID != g.ID || !c.IsAvailableCommand():
			case g.ID == "setup":
				names = append(names, c.Name())
			default:
				fmt.Fprintf(b, "%-9s %-13s %s\n", title, c.Name(), c.Short)
				title = ""
			}
		}
		if len(names) > 0 {
			fmt.Fprintf(b, "%-9s %s\n", title, strings.Join(names, ", "))
		}
	}
	examples := strings.TrimSpace(strings.ReplaceAll(root.Example, "\n  ", fmt.Sprintf("\n%-9s ", "")))
	fmt.Fprintf(b, "\n%-9s %s\n", "Examples", examples)
	fmt.Fprintf(b, "See also \"%s help COMMAND\", \"help flags\" and \"help exit-codes\".\n", root.Name())
}
