package cmd

import (
	"errors"

	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/platform"
)

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

// platform parses the value of --platform; nil if the flag is not given.
func (f *nonEmptyString) platform() (*platform.Platform, error) {
	if *f == "" {
		return nil, nil //nolint:nilnil // no platform was given
	}
	return spec.ParsePlatform(string(*f))
}
