package cmd

import (
	"slices"

	"github.com/spf13/cobra"
)

// addHelp adds cobra's help command, which answers yes to any word, and makes
// it refuse what is no command.
func addHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	all := root.Commands()
	help := all[slices.IndexFunc(all, func(c *cobra.Command) bool { return c.Name() == "help" })]
	help.Run = nil
	help.RunE = func(_ *cobra.Command, args []string) error {
		c, rest, err := root.Find(args)
		if err != nil || len(rest) > 0 {
			return noSuchCommand(c, rest)
		}
		return c.Help()
	}
}
