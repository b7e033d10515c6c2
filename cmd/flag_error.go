package cmd

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"manifest-tool/internal/config"
	"manifest-tool/internal/suggest"
)

// flagError rewords an error of the flag parser: an invalid value gets the same
// message as in the settings file, and an unknown flag gets the nearest known one.
func flagError(c *cobra.Command, err error) error {
	var (
		invalid *pflag.InvalidValueError
		unknown *pflag.NotExistError
		lonely  *pflag.ValueRequiredError
	)
	switch {
	case errors.As(err, &invalid):
		return usageOf(c, "--%s: %w", invalid.GetFlag().Name, invalidValueReason(invalid))
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		return usageOf(c, "unknown flag --%s for %q%s", unknown.GetSpecifiedName(), c.CommandPath(), suggestFlag(c, unknown.GetSpecifiedName()))
	case errors.As(err, &unknown) && unknown.GetSpecifiedName() == "p" && c.Name() == "login": // docker's
		return usageOf(c, "unknown flag -p for %q: pass the password with --password-stdin", c.CommandPath())
	case errors.As(err, &unknown):
		return usageOf(c, "unknown flag -%s for %q", unknown.GetSpecifiedName(), c.CommandPath())
	case errors.As(err, &lonely):
		return usageOf(c, "--%s needs a value", lonely.GetFlag().Name)
	}
	return usageOf(c, "%w", err)
}

// invalidValueReason returns what is wrong with the value of a flag.
func invalidValueReason(e *pflag.InvalidValueError) error {
	kinds := map[string]config.Kind{"bool": config.KindBool, "int": config.KindInt, "duration": config.Duration}
	if kind, ok := kinds[e.GetFlag().Value.Type()]; ok {
		if err := (config.Setting{Kind: kind}).Check(e.GetValue()); err != nil {
			return err
		}
	}
	return e.Unwrap()
}

// suggestFlag asks whether a known flag was meant; "" if none is near.
// docker, podman and skopeo have --format for what is --output here.
func suggestFlag(c *cobra.Command, name string) string {
	if name == "format" && c.Flags().Lookup("output") != nil {
		return `, did you mean "--output template=TEXT"?`
	}
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	if near := suggest.Closest(name, known); near != "" {
		return fmt.Sprintf(", did you mean %q?", "--"+near)
	}
	return ""
}
