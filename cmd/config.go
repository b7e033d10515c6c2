package cmd

import (
	"github.com/spf13/cobra"

	"manifest-tool/internal/config"
	"manifest-tool/internal/output"
)

type configOptions struct {
	*session

	check nonEmptyString
}

func newConfig(s *session) *cobra.Command {
	o := &configOptions{session: s}
	c := &cobra.Command{
		Use:   "config [REGISTRY]",
		Short: "Show the settings in force and where each one came from",
		Long: `Show the settings in force and where each one came from: a flag, a variable
MANIFEST_TOOL_*, a line of the settings file, or the default; in this order,
the first one wins. Secrets are not shown. With a registry, HOST or HOST:PORT,
the settings for that registry are shown instead of the entries of the file.

The file is the one that --config or $MANIFEST_TOOL_CONFIG names, else
manifest-tool/config.yaml in $XDG_CONFIG_HOME or ~/.config, which need not
exist. --check only checks a file, including a template in output; the exit
code is 2 if the file is not valid.`,
		Example: `  manifest-tool config
  manifest-tool config registry.example.com:5000
  manifest-tool config --jobs 8 --output json
  manifest-tool config --check config.yaml`,
		Args: maxArgs(1, "one registry"),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c, args) },
	}
	c.Flags().Var(&o.check, "check", "check this `file` instead of showing settings")
	addOutputFlag(c, c.Flags())
	return c
}

func (o *configOptions) run(c *cobra.Command, registry []string) error {
	check := c.Flags().Changed("check")
	if check && (c.Flags().Changed("config") || len(registry) > 0) {
		return usagef("--check reads one file and nothing else: leave out --config and the registry")
	}
	if err := o.load(c.Flags(), !check); err != nil {
		return err
	}
	if check {
		return o.checkFile()
	}
	report := o.settings.Report()
	if len(registry) > 0 {
		o.warnOfRegistry(registry[0])
		var err error
		if report, err = o.settings.ReportFor(registry[0]); err != nil {
			return err
		}
	}
	return o.printer.PrintSettings(report)
}

func (o *configOptions) checkFile() error {
	checked, err := config.Options{Home: o.Home, Template: output.CheckTemplate}.Check(string(o.check))
	if err != nil {
		return err
	}
	return o.printer.PrintCheck(checked)
}
