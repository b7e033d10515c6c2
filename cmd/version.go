package cmd

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newVersion(deps Deps) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version and the commit it was built from",
		Args:  none,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(deps.Out, versionLine("manifest-tool", deps))
			return err
		},
	}
}

func versionLine(name string, deps Deps) string {
	return fmt.Sprintf("%s version %s (commit: %s)\n", name, deps.Version, deps.Commit)
}
