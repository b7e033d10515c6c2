package cmd

import (
	"slices"

	"github.com/spf13/cobra"
)

// addHelp adds cobra's help command, which answers yes to any word, and makes
// it refuse what is no command.
func addHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	help := subcommand(root, "help")
	help.Run = nil
	help.RunE = func(_ *cobra.Command, args []string) error {
		c, rest, err := root.Find(args)
		if err != nil || len(rest) > 0 {
			return rejectUnknownCommand(c, rest)
		}
		return c.Help()
	}
}

// addCompletion adds cobra's completion command, which takes any word for a
// wish to see its help, and makes it refuse what is no shell.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	completion := subcommand(root, "completion")
	completion.Args = rejectUnknownCommand
	completion.SuggestionsMinimumDistance = 1 // tcsh is another shell, not bash
	completion.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	for _, shell := range completion.Commands() {
		shell.Args = noArgs
	}
}

func subcommand(root *cobra.Command, name string) *cobra.Command {
	all := root.Commands()
	return all[slices.IndexFunc(all, func(c *cobra.Command) bool { return c.Name() == name })]
}
