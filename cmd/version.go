package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"manifest-tool/internal/output"
	"manifest-tool/internal/version"
)

func newVersion(deps Deps) *cobra.Command {
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the version and the commit it was built from",
		Long: `Print the version and the commit it was built from.

The format is that of --output alone: no settings are read, so that this works
with invalid ones too.`,
		Example: `  manifest-tool version
  manifest-tool version --output json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return printVersion(c, deps) },
	}
	addOutputFlag(c, c.Flags())
	return c
}

func printVersion(c *cobra.Command, deps Deps) error {
	format, err := output.ParseFormat(c.Flag("output").Value.String())
	if err != nil {
		return &usageError{err: err}
	}
	build := version.New(deps.Version, deps.Commit, deps.Date)
	if err := format.CheckFields(build); err != nil {
		return err
	}
	return output.Printer{Out: deps.Out, Format: format}.PrintVersion(build)
}

// helpOrVersion runs the program without a command. cobra's own --version formats
// with a template, which the linker could not remove from the binary.
func helpOrVersion(c *cobra.Command, deps Deps) error {
	if !isVersionAsked(c) {
		return c.Help()
	}
	return output.Printer{Out: deps.Out}.Bytes([]byte(versionLine(deps.ProgramName, deps)))
}

// isVersionAsked reports whether the flag --version of the program is set.
func isVersionAsked(c *cobra.Command) bool {
	f := c.Flags().Lookup("version")
	return f != nil && f.Value.String() == "true"
}

func versionLine(name string, deps Deps) string {
	return fmt.Sprintf("%s version %s (commit: %s)\n", name, deps.Version, deps.Commit)
}
