package config

import (
	"cmp"
	"fmt"

	"manifest-tool/internal/errtext"
)

// OriginKind is a layer of the settings.
type OriginKind string

// The layers, highest precedence first.
const (
	FromFlag     OriginKind = "flag"
	FromVariable OriginKind = "variable"
	FromFile     OriginKind = "file"
	FromSystem   OriginKind = "system" // a file of another program on this machine
	FromDefault  OriginKind = "default"
)

// Origin is the source of a value.
type Origin struct {
	Kind OriginKind `json:"kind"`
	// Name is the flag, with its dashes, or the variable.
	Name string `json:"name,omitempty"`
	// File and Line, counted from 1, are the position in the settings file or in a
	// file of another program, of which the line may be unknown: 0.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// String returns the origin as "flag --jobs", "variable MANIFEST_TOOL_JOBS",
// "file PATH:LINE", "system PATH:LINE" or "default".
func (o Origin) String() string {
	switch o.Kind {
	case FromFile, FromSystem:
		return fmt.Sprintf("%s %s", o.Kind, o.Location())
	case FromDefault:
		return string(o.Kind)
	}
	return fmt.Sprintf("%s %s", o.Kind, o.Name)
}

// Location returns the start of a message about the value: PATH:LINE, --jobs, or
// the variable.
func (o Origin) Location() string {
	switch {
	case o.Kind == FromSystem && o.Line == 0:
		return o.File
	case o.Kind == FromFile || o.Kind == FromSystem:
		return fmt.Sprintf("%s:%d", o.File, o.Line)
	}
	return o.Name
}

// overridesFile reports whether a value was given for this run and not stored for
// all runs.
func (o Origin) overridesFile() bool { return o.Kind == FromFlag || o.Kind == FromVariable }

// Error is a setting that cannot be used, which the user has to fix.
type Error struct {
	// Where is the location of the setting: PATH:LINE, --flag, a variable, or the file.
	Where string
	Err   error
	// HintText, if set, says what to do about it.
	HintText string
}

func (e *Error) Error() string { return e.Where + ": " + e.Err.Error() }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Hint returns HintText, the hint of Err, or how to look at all settings.
func (e *Error) Hint() string {
	return cmp.Or(e.HintText, errtext.Hint(e.Err),
		"manifest-tool config shows the settings and where they come from, docs/config.md describes them")
}

// ExitCode is that of bad input.
func (e *Error) ExitCode() int { return 2 }

func errorAt(o Origin, format string, args ...any) *Error {
	return &Error{Where: o.Location(), Err: fmt.Errorf(format, args...)}
}
