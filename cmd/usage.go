package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usageColumns is the width that descriptions of flags are wrapped to.
const usageColumns = 80

// commandGroups are the groups of commands in the help of the root command.
func commandGroups() []*cobra.Group {
	return []*cobra.Group{
		{ID: "assemble", Title: "Assemble"}, {ID: "ask", Title: "Ask"}, {ID: "check", Title: "Check"}, {ID: "setup", Title: "Set up"},
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
	line := c.UseLine()
	if c.HasAvailableSubCommands() {
		line = c.CommandPath() + " COMMAND [flags]"
	}
	fmt.Fprintf(b, "Usage:\n  %s\n", line)
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

func writeRootUsage(b *strings.Builder, root *cobra.Command) {
	fmt.Fprintf(b, "Usage: %s COMMAND [flags]\n\n", root.Name())
	for _, g := range root.Groups() {
		title := g.Title
		for _, c := range root.Commands() {
			if c.GroupID == g.ID {
				fmt.Fprintf(b, "%-9s %-11s %s\n", title, c.Name(), c.Short)
				title = ""
			}
		}
	}
	fmt.Fprintf(b, "\nExamples:\n%s\n", root.Example)
	fmt.Fprintf(b, "See also \"%s help COMMAND\", \"help flags\" and \"help exit-codes\".\n", root.Name())
}
