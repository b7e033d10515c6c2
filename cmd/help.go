package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// addHelp adds cobra's help command, and makes it reject unknown commands; cobra's
// accepts any word.
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
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "Exit codes of every command",
		Long: `Exit codes of every command:

  0    done
  1    failed
  2    wrong usage or bad input; nothing was written
  3    ran well, and the answer is no
  4    partly done
  130  interrupted`,
	}
}

// addCompletion adds cobra's completion command, and makes it reject unknown
// shells; cobra's shows its help for any word.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	completion := subcommand(root, "completion")
	completion.Short = "Generate a completion script for a shell"
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
