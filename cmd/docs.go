package cmd

import (
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newDocs is for makers of releases, not for users: hidden.
func newDocs() *cobra.Command {
	return &cobra.Command{
		Use:    "docs DIR",
		Short:  "Write the reference of all commands as Markdown",
		Hidden: true,
		Args:   exactly(1, "one directory"),
		RunE: func(c *cobra.Command, args []string) error {
			c.Root().DisableAutoGenTag = true
			return doc.GenMarkdownTree(c.Root(), args[0])
		},
	}
}
