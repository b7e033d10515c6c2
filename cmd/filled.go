package cmd

import "errors"

// filled is the value of a flag that must not be given empty, as a variable
// that is not set would leave it: without its value the flag would mean
// something else.
type filled string

// String implements pflag.Value.
func (f *filled) String() string { return string(*f) }

// Set implements pflag.Value.
func (f *filled) Set(s string) error {
	if s == "" {
		return errors.New("its value is empty")
	}
	*f = filled(s)
	return nil
}

// Type implements pflag.Value.
func (f *filled) Type() string { return "string" }
