package config

import "time"

// The schemas of the results: each names the fields of one struct and what they
// mean, as docs/output.md describes them. Within a version fields are only
// added.
const (
	ReportSchema = "config/v1"       // Report
	CheckSchema  = "config-check/v1" // CheckResult
)

// Report is the settings in force, each with its origin. It contains no secret.
type Report struct {
	Schema string `json:"schema"`
	// File is the settings file that was read, "" if there is none.
	File       string           `json:"file"`
	Settings   []Value          `json:"settings"`
	Registries []RegistryReport `json:"registries"`
}

// RegistryReport is an entry of the registries list, or the settings of one
// registry.
type RegistryReport struct {
	Name string `json:"name"`
	// Origin is the position of the entry; its kind is "default" if there is no
	// entry for that registry.
	Origin   Origin  `json:"origin"`
	Settings []Value `json:"settings"`
}

// Value is a setting with its value: a string, a number, a boolean, or a list of
// strings.
type Value struct {
	Key    string `json:"key"`
	Value  any    `json:"value"`
	Origin Origin `json:"origin"`
}

// HiddenValue is shown for a secret that is set.
const HiddenValue = "(hidden)"

// Report lists every setting in the order of Settings, and what each entry of
// the registries list sets, in the order of the file.
func (c Config) Report() Report {
	out := Report{Schema: ReportSchema, File: c.File, Settings: []Value{}, Registries: []RegistryReport{}}
	for _, s := range Settings() {
		out.Settings = append(out.Settings, Value{s.Key, s.displayValue(fieldByKey(c, s.Key)), c.Origins[s.Key]})
	}
	for _, r := range c.Registries {
		out.Registries = append(out.Registries, r.report())
	}
	return out
}

// ReportFor is Report with the settings for one registry of the command line
// instead of the entries. An invalid name is an *Error.
func (c Config) ReportFor(host string) (Report, error) {
	if err := (Setting{Kind: Host}).checkText(host); err != nil {
		return Report{}, &Error{Where: "registry", Err: err}
	}
	out := c.Report()
	one := c.For(host, true).report()
	one.Settings = append(one.Settings, c.systemValues(host)...)
	out.Registries = []RegistryReport{one}
	return out, nil
}

// report lists the settings of an entry with their origins.
func (r Registry) report() RegistryReport {
	out := RegistryReport{Name: r.Name, Origin: r.Origins["name"], Settings: []Value{}}
	for _, s := range RegistrySettings() {
		if origin, set := r.Origins[s.Key]; set && s.Key != "name" {
			out.Settings = append(out.Settings, Value{s.Key, s.displayValue(fieldByKey(r, s.Key)), origin})
		}
	}
	return out
}

// displayValue returns a value as it appears in a report.
func (s Setting) displayValue(value any) any {
	switch v := value.(type) {
	case time.Duration:
		return v.String()
	case string:
		if s.Kind == Secret && v != "" {
			return HiddenValue
		}
	case []string:
		return append([]string{}, v...)
	}
	return value
}
