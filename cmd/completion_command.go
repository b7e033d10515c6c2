package cmd

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// addCompletion adds cobra's completion command, and makes it reject unknown
// shells; cobra's shows its help for any word.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	completion := subcommand(root, "completion")
	completion.Short = "Generate a completion script for a shell"
	completion.Long = `Generate a completion script for a shell, which completes commands, flags, their
values, and the tags of a reference. Tags are read from the registry, with the settings and the
flags of the line that is typed, for at most two seconds.`
	completion.Args = rejectUnknownCommand
	completion.SuggestionsMinimumDistance = 1 // tcsh is another shell, not bash
	completion.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	for _, shell := range completion.Commands() {
		shell.Args = noArgs
		shell.Short = "Generate the completion script for " + shell.Name()
		shell.Long = completionHelp(shell.Name())
		if shell.Name() == "fish" {
			shell.RunE = func(c *cobra.Command, _ []string) error { return printFishScript(c) }
		}
	}
}

// printFishScript prints cobra's script for fish, with its one fault repaired: it has
// fish take the only completion of --flag=value for an option of string.
func printFishScript(c *cobra.Command) error {
	plain, err := c.Flags().GetBool("no-descriptions")
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := c.Root().GenFishCompletion(&b, !plain); err != nil {
		return err
	}
	const split = `string split --max 1 \t $`
	_, err = io.WriteString(c.OutOrStdout(), strings.ReplaceAll(b.String(), split, `string split --max 1 -- \t $`))
	return err
}

// completionHelp returns the help for the script of a shell: how it is used once,
// and how in every new shell.
func completionHelp(shell string) string {
	text := map[string]string{
		"bash": `In this shell, in which the package bash-completion must be loaded:

  source <(manifest-tool completion bash)

In every new one:

  mkdir -p ~/.local/share/bash-completion/completions
  manifest-tool completion bash > ~/.local/share/bash-completion/completions/manifest-tool`,
		"zsh": `In this shell, after compinit:

  source <(manifest-tool completion zsh)

In every new one, in a directory of $fpath:

  manifest-tool completion zsh > "${fpath[1]}/_manifest-tool"`,
		"fish": `In this shell:

  manifest-tool completion fish | source

In every new one:

  mkdir -p ~/.config/fish/completions
  manifest-tool completion fish > ~/.config/fish/completions/manifest-tool.fish`,
		"powershell": `In this shell, and from your profile in every new one:

  manifest-tool completion powershell | Out-String | Invoke-Expression`,
	}[shell]
	return fmt.Sprintf("Generate the completion script for %s.\n\n%s", shell, text)
}
