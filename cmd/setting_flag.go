package cmd

import (
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"manifest-tool/internal/config"
)

// settingValue is the value of a flag that is read as a setting of its kind: what is
// wrong with it is said in the same words.
type settingValue struct {
	value   string
	setting config.Setting
}

// enumFlag adds a flag that takes one of some words, and that is no setting;
// value is its default.
func enumFlag(c *cobra.Command, name, value, usage string, words ...string) *settingValue {
	chosen := &settingValue{value, config.Setting{Kind: config.KindEnum, Choices: words}}
	c.Flags().Var(chosen, name, usage)
	completeEnum(c, name, words...)
	return chosen
}

// outputFlag adds --output to some flags of a command, for formats that have a
// name and for templates; the first one is its default.
func outputFlag(c *cobra.Command, flags *pflag.FlagSet, usage string, names ...string) {
	flags.VarP(&settingValue{names[0], config.Setting{Kind: config.Format, Choices: names}}, "output", "o", usage)
	completeEnum(c, "output", append(names, "template=")...)
}

// String implements pflag.Value.
func (c *settingValue) String() string { return c.value }

// Set implements pflag.Value.
func (c *settingValue) Set(s string) error {
	if err := c.setting.Check(s); err != nil {
		return err
	}
	if n, err := strconv.Atoi(s); err == nil && c.setting.Kind == config.KindInt {
		s = strconv.Itoa(n) // viper takes 010 for 8
	}
	c.value = s
	return nil
}

// Type implements pflag.Value.
func (c *settingValue) Type() string {
	if c.setting.Kind == config.KindInt {
		return "int"
	}
	return "string"
}
