package cmd

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"manifest-tool/internal/config"
)

// choice is the value of a flag that takes one of some words. What is wrong
// with another one is said as for a setting.
type choice struct {
	value   string
	setting config.Setting
}

// addChoice adds a flag that takes one of some words, and that is no setting;
// value is its default.
func addChoice(c *cobra.Command, name, value, usage string, words ...string) *choice {
	chosen := &choice{value, config.Setting{Kind: config.Choice, Choices: words}}
	c.Flags().Var(chosen, name, usage)
	oneOf(c, name, words...)
	return chosen
}

// addFormat adds --output to some flags of a command, for formats that have a
// name and for templates; the first one is its default.
func addFormat(c *cobra.Command, flags *pflag.FlagSet, usage string, names ...string) {
	flags.VarP(&choice{names[0], config.Setting{Kind: config.Format, Choices: names}}, "output", "o", usage)
	oneOf(c, "output", append(names, "template=")...)
}

// String implements pflag.Value.
func (c *choice) String() string { return c.value }

// Set implements pflag.Value.
func (c *choice) Set(s string) error {
	if err := c.setting.Check(s); err != nil {
		return err
	}
	c.value = s
	return nil
}

// Type implements pflag.Value. For the settings it is a text.
func (c *choice) Type() string { return "string" }
