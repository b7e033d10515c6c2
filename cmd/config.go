package cmd

import (
	"github.com/spf13/cobra"

	"manifest-tool/internal/config"
	"manifest-tool/internal/output"
	"manifest-tool/internal/reference"
)

type configOptions struct {
	Deps
	registry *session

	check nonEmptyString
}

func newConfig(deps Deps, reg *session) *cobra.Command {
	o := &configOptions{Deps: deps, registry: reg}
	c := &cobra.Command{
		Use:   "config [REGISTRY]",
		Short: "Show the settings in force and where each one came from",
		Long: `Show the settings in force and where each one came from: a flag, a variable
MANIFEST_TOOL_*, a line of the settings file, or the default; in this order,
the first one wins. Secrets are not shown. With a registry, HOST or HOST:PORT,
what holds for that registry is shown in place of the entries of the file.

The file is the one that --config or $MANIFEST_TOOL_CONFIG names, else
manifest-tool/config.yaml in $XDG_CONFIG_HOME or ~/.config, where it need not
exist. --check reads a file and only says whether it is right, a template of
output included; the exit code is 2 when it is not.`,
		Example: `  manifest-tool config
  manifest-tool config registry.example.com:5000
  manifest-tool config --jobs 8 --output json
  manifest-tool config --check config.yaml`,
		Args: maxArgs(1, "one registry"),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c, args) },
	}
	c.Flags().Var(&o.check, "check", "`file` to check in place of showing settings")
	reg.registerOutput(c)
	return c
}

func (o *configOptions) run(c *cobra.Command, registry []string) error {
	check := c.Flags().Changed("check")
	if check && (c.Flags().Changed("config") || len(registry) > 0) {
		return usagef("--check looks at one file and at nothing else: leave out --config and the registry")
	}
	if err := o.registry.load(c.Flags(), o.Deps, !check); err != nil {
		return err
	}
	printer, err := o.registry.printer(o.Deps)
	if err != nil {
		return err
	}
	if check {
		return o.checkFile(printer)
	}
	report := o.registry.settings.Report()
	if len(registry) > 0 {
		if report, err = o.registry.settings.ReportFor(registry[0]); err != nil {
			return err
		}
	}
	hideLogins(report)
	return printer.PrintSettings(report)
}

// hideLogins takes passwords out of values that are no secrets and hold one all
// the same: a URL in the place of a file. A template may have an @ anywhere.
func hideLogins(report config.Report) {
	for _, values := range append(registryValues(report), report.Settings) {
		for i, v := range values {
			if text, ok := v.Value.(string); ok && v.Key != "output" {
				values[i].Value = reference.RedactUserinfo(text)
			}
		}
	}
}

func registryValues(report config.Report) [][]config.Value {
	var all [][]config.Value
	for _, r := range report.Registries {
		all = append(all, r.Settings)
	}
	return all
}

func (o *configOptions) checkFile(printer output.Printer) error {
	checked, err := config.Options{Home: o.Home, Template: output.CheckTemplate}.Check(string(o.check))
	if err != nil {
		return err
	}
	return printer.PrintCheck(checked)
}
