package config

import (
	"fmt"
	"maps"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"manifest-tool/internal/system"
)

// delimiter separates the parts of a nested key for viper. Its default, a dot,
// would split host names.
const delimiter = "::"

// Options are the sources of settings in addition to the defaults.
type Options struct {
	// Flags are the parsed flags of the command. The flag "config" names the file.
	Flags *pflag.FlagSet
	// Getenv reads the environment.
	Getenv func(string) string
	// Home is the user's home directory, "" if there is none.
	Home string
	// SystemRoot replaces / for the files of other programs; "" is /.
	SystemRoot string
	// NoFile ignores the settings file.
	NoFile bool
	// Template, if set, validates the TEXT of template=TEXT.
	Template func(text string) error
}

// layer is the settings of one source. The values have the types of Config.
type layer struct {
	values  map[string]any
	origins map[string]Origin
	// entries are the origins of the entries in the registries list.
	entries []map[string]Origin
}

func newLayer() layer { return layer{values: map[string]any{}, origins: map[string]Origin{}} }

// Load reads the settings of a run. Every value is validated, even if a higher
// layer overrides it. An error about a setting is an *Error.
func Load(o Options) (Config, error) {
	file, path, err := o.file()
	if err != nil {
		return Config{}, err
	}
	variables, err := o.variables()
	if err != nil {
		return Config{}, err
	}
	for _, l := range []layer{file, variables} {
		if err := o.tryTemplate(l); err != nil {
			return Config{}, err
		}
	}
	flags, set := o.flags()
	c, err := decode(file, variables, flags)
	if err != nil {
		return Config{}, err
	}
	c.File = path
	c.Origins = map[string]Origin{}
	for _, s := range Settings() {
		c.Origins[s.Key] = Origin{Kind: FromDefault}
	}
	maps.Copy(c.Origins, file.origins)
	maps.Copy(c.Origins, variables.origins)
	maps.Copy(c.Origins, set)
	for i := range c.Registries {
		c.Registries[i].Origins = file.entries[i]
	}
	if c.SystemRegistries {
		c.System = system.Load(o.System())
	}
	return c, c.check()
}

// System returns the locations of the files of other programs.
func (o Options) System() system.Options {
	return system.Options{Getenv: o.Getenv, Home: o.Home, Root: o.SystemRoot}
}

// decode merges the layers.
func decode(file, variables layer, flags map[string]*pflag.Flag) (Config, error) {
	v := viper.NewWithOptions(viper.KeyDelimiter(delimiter))
	for _, s := range Settings() {
		v.SetDefault(s.Key, s.Default)
	}
	v.SetDefault(registriesKey, []any{})
	for _, l := range []layer{file, variables} {
		if err := v.MergeConfigMap(l.values); err != nil {
			return Config{}, fmt.Errorf("merging settings: %w", err)
		}
	}
	for key, flag := range flags {
		if err := v.BindPFlag(key, flag); err != nil {
			return Config{}, fmt.Errorf("binding --%s: %w", flag.Name, err)
		}
	}
	var c Config
	if err := v.UnmarshalExact(&c); err != nil {
		return Config{}, fmt.Errorf("decoding the settings: %w", err)
	}
	return c, nil
}

// variables reads the environment. An empty variable counts as not set.
func (o Options) variables() (layer, error) {
	l := newLayer()
	for _, s := range Settings() {
		text := o.Getenv(s.Variable())
		if text == "" {
			continue
		}
		origin := Origin{Kind: FromVariable, Name: s.Variable()}
		value, err := s.parse(text)
		if err != nil {
			return l, errorAt(origin, "%w", err)
		}
		l.values[s.Key], l.origins[s.Key] = value, origin
	}
	return l, nil
}

// flags returns the flags that were given.
func (o Options) flags() (flags map[string]*pflag.Flag, set map[string]Origin) {
	flags, set = map[string]*pflag.Flag{}, map[string]Origin{}
	if o.Flags == nil {
		return flags, set
	}
	for _, s := range Settings() {
		if f := o.Flags.Lookup(s.Flag); f != nil && f.Changed {
			flags[s.Key] = f
			set[s.Key] = Origin{Kind: FromFlag, Name: "--" + s.Flag}
		}
	}
	return flags, set
}
