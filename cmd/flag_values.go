package cmd

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"manifest-tool/internal/config"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/platform"
)

// settingValue is the value of a flag that is checked as a setting of its kind:
// an invalid value gets the same message as in the settings file.
type settingValue struct {
	value   string
	setting config.Setting
}

// enumFlag adds a flag that takes one of some words and is not a setting. It is
// bound to p, whose value is the default.
func enumFlag(c *cobra.Command, p *string, name, usage string, words ...string) {
	c.Flags().Var(&enumValue{p, config.Setting{Kind: config.KindEnum, Choices: words}}, name, usage)
	completeEnum(c, name, words...)
}

// String implements pflag.Value.
func (c *settingValue) String() string { return c.value }

// Set implements pflag.Value.
func (c *settingValue) Set(s string) error {
	if err := c.setting.Check(s); err != nil {
		return err
	}
	if n, err := strconv.Atoi(s); err == nil && c.setting.Kind == config.KindInt {
		s = strconv.Itoa(n) // viper reads 010 as 8
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

// enumValue is the value of a flag that takes one of some words.
type enumValue struct {
	p       *string
	setting config.Setting
}

// String implements pflag.Value. pflag calls it on the zero value too.
func (e *enumValue) String() string {
	if e.p == nil {
		return ""
	}
	return *e.p
}

// Set implements pflag.Value.
func (e *enumValue) Set(s string) error {
	if err := e.setting.Check(s); err != nil {
		return err
	}
	*e.p = s
	return nil
}

// Type implements pflag.Value.
func (e *enumValue) Type() string { return "string" }

// nonEmptyString is the value of a flag that must not be empty, as it would be with
// an unset variable: the flag would then mean something else.
type nonEmptyString string

// String implements pflag.Value.
func (f *nonEmptyString) String() string { return string(*f) }

// Set implements pflag.Value.
func (f *nonEmptyString) Set(s string) error {
	if s == "" {
		return errors.New("its value is empty")
	}
	*f = nonEmptyString(s)
	return nil
}

// Type implements pflag.Value.
func (f *nonEmptyString) Type() string { return "string" }

// nonEmptyList is the value of a flag that takes comma-separated lists, of which none
// may be empty, as it would be with an unset variable.
type nonEmptyList []string

// String implements pflag.Value.
func (f *nonEmptyList) String() string { return strings.Join(*f, ",") }

// Set implements pflag.Value.
func (f *nonEmptyList) Set(s string) error {
	items := manifest.SplitList([]string{s})
	if len(items) == 0 {
		return errors.New("its value is empty")
	}
	*f = append(*f, items...)
	return nil
}

// Type implements pflag.Value.
func (f *nonEmptyList) Type() string { return "strings" }

// platform parses the value of --platform; nil if the flag is not given.
func (f *nonEmptyString) platform() (*platform.Platform, error) {
	if *f == "" {
		return nil, nil //nolint:nilnil // no platform was given
	}
	return spec.ParsePlatform(string(*f))
}
