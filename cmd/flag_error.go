package cmd

import (
	"errors"
	"fmt"
	"strings"

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
		return usagef("--%s: %w", invalid.GetFlag().Name, invalidValueReason(invalid))
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		return usagef("unknown flag --%s for %q%s", unknown.GetSpecifiedName(), c.CommandPath(), suggestFlag(c, unknown.GetSpecifiedName()))
	case errors.As(err, &unknown) && unknown.GetSpecifiedName() == "p" && c.Name() == "login": // docker's
		return usagef("unknown flag -p for %q: pass the password with --password-stdin", c.CommandPath())
	case errors.As(err, &unknown):
		return usagef("unknown flag -%s for %q", unknown.GetSpecifiedName(), c.CommandPath())
	case errors.As(err, &lonely):
		return usagef("--%s needs a value", lonely.GetFlag().Name)
	}
	return usagef("%w", err)
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

// suggestFlag suggests the known flag that was probably meant, or names the commands that
// have the flag. It returns "" if neither exists.
func suggestFlag(c *cobra.Command, name string) string {
	has := func(c *cobra.Command, flag string) bool { return c.Flags().Lookup(flag) != nil }
	switch {
	case name == "format" && has(c, "output"): // of docker, podman and skopeo
		return `, did you mean "--output template=TEXT"?`
	case name == "platform" && has(c, "has"):
		return `, did you mean "--has"?`
	case c.Name() == "from-spec" && (name == "tag" || name == "tags"):
		return `: tags of the index are in the spec, below its key "tags"; --target adds references`
	}
	if owners := flagOwners(c, name); len(owners) > 0 {
		return ", it belongs to " + strings.Join(owners, ", ")
	}
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	if near := suggest.Closest(name, known); near != "" {
		return fmt.Sprintf(", did you mean %q?", "--"+near)
	}
	return ""
}

// flagOwners returns the commands of the same group, such as push, that have a flag.
func flagOwners(c *cobra.Command, flag string) (names []string) {
	group := c
	if !c.HasSubCommands() {
		group = c.Parent()
	}
	if !group.HasParent() {
		return nil
	}
	for _, other := range group.Commands() {
		if other.IsAvailableCommand() && other.Flags().Lookup(flag) != nil {
			names = append(names, fmt.Sprintf("%q", other.CommandPath()))
		}
	}
	return names
}
