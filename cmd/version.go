package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"manifest-tool/internal/output"
)

func newVersion(deps Deps) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version and the commit it was built from",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			return output.Printer{Out: deps.Out}.Bytes([]byte(versionLine("manifest-tool", deps)))
		},
	}
}

func versionLine(name string, deps Deps) string {
	return fmt.Sprintf("%s version %s (commit: %s)\n", name, deps.Version, deps.Commit)
}
