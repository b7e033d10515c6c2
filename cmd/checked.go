package cmd

import (
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"manifest-tool/internal/config"
)

// checked is the value of a flag that is read as a setting of its kind: what is
// wrong with it is said in the same words.
type checked struct {
	value   string
	setting config.Setting
}

// addChoice adds a flag that takes one of some words, and that is no setting;
// value is its default.
func addChoice(c *cobra.Command, name, value, usage string, words ...string) *checked {
	chosen := &checked{value, config.Setting{Kind: config.Choice, Choices: words}}
	c.Flags().Var(chosen, name, usage)
	oneOf(c, name, words...)
	return chosen
}

// addFormat adds --output to some flags of a command, for formats that have a
// name and for templates; the first one is its default.
func addFormat(c *cobra.Command, flags *pflag.FlagSet, usage string, names ...string) {
	flags.VarP(&checked{names[0], config.Setting{Kind: config.Format, Choices: names}}, "output", "o", usage)
	oneOf(c, "output", append(names, "template=")...)
}

// String implements pflag.Value.
func (c *checked) String() string { return c.value }

// Set implements pflag.Value.
func (c *checked) Set(s string) error {
	if err := c.setting.Check(s); err != nil {
		return err
	}
	if n, err := strconv.Atoi(s); err == nil && c.setting.Kind == config.Number {
		s = strconv.Itoa(n) // viper takes 010 for 8
	}
	c.value = s
	return nil
}

// Type implements pflag.Value.
func (c *checked) Type() string {
	if c.setting.Kind == config.Number {
		return "int"
	}
	return "string"
}
