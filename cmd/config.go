package cmd

import (
	"github.com/spf13/cobra"

	"manifest-tool/internal/config"
)

type configOptions struct {
	Deps
	registry *registryFlags

	check string
}

func newConfig(deps Deps, reg *registryFlags) *cobra.Command {
	o := &configOptions{Deps: deps, registry: reg}
	c := &cobra.Command{
		Use:   "config",
		Short: "Show the settings in force and where each one came from",
		Long: `Show the settings in force and where each one came from: a flag, a variable
MANIFEST_TOOL_*, a line of the settings file, or the default; in this order,
the first one wins. Secrets are not shown.

The file is the one that --config or $MANIFEST_TOOL_CONFIG names, else
manifest-tool/config.yaml in $XDG_CONFIG_HOME or ~/.config, where it need not
exist. --check reads a file and only says whether it is right; the exit code is
2 when it is not.`,
		Example: `  manifest-tool config
  manifest-tool config --jobs 8 --output json
  manifest-tool config --check config.yaml`,
		Args: exactly(0, "flags"),
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c) },
	}
	c.Flags().StringVar(&o.check, "check", "", "`file` to check in place of showing settings")
	reg.registerOutput(c)
	return c
}

func (o *configOptions) run(c *cobra.Command) error {
	check := c.Flags().Changed("check")
	if check && c.Flags().Changed("config") {
		return usagef("--check and --config each name a settings file")
	}
	if err := o.registry.load(c, o.Deps, !check); err != nil {
		return err
	}
	printer, err := o.registry.printer(o.Deps)
	if err != nil {
		return err
	}
	if !check {
		return printer.Settings(o.registry.settings.Report())
	}
	checked, err := config.Check(o.check, o.Home)
	if err != nil {
		return err
	}
	return printer.Checked(checked)
}
