package config

import (
	"fmt"
	"maps"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// delimiter separates the parts of a nested key for viper. Its own, a dot,
// would cut the names of hosts.
const delimiter = "::"

// Options is where settings come from besides the defaults.
type Options struct {
	// Flags are those of the command that runs, parsed; a setting whose flag it
	// does not have cannot be set by one. Its flag "config" names the file.
	Flags *pflag.FlagSet
	// Getenv reads the environment.
	Getenv func(string) string
	// Home is the user's home directory, or "".
	Home string
	// NoFile leaves the settings file out.
	NoFile bool
	// Template, when set, says what is wrong with the TEXT of template=TEXT:
	// what a template may hold is known to those who fill it.
	Template func(text string) error
}

// layer is what one source sets. The values are of the types of Config.
type layer struct {
	values  map[string]any
	origins map[string]Origin
	// entries are the origins in the registries list, entry by entry.
	entries []map[string]Origin
}

func newLayer() layer { return layer{values: map[string]any{}, origins: map[string]Origin{}} }

// Load reads the settings of a run. Everything that is set somewhere is
// checked, also where a higher layer hides it. An error about a setting is an
// *Error.
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
	return c, c.check()
}

// decode puts the layers on top of each other.
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

// variables reads the environment. An empty variable is one that is not set,
// as everywhere in this program.
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

// flags returns those that set something.
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
