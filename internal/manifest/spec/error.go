package spec

import (
	"errors"
	"fmt"

	"manifest-tool/internal/manifest"
)

// lineError is an error at one line of a spec, counted from 1.
type lineError struct {
	line int
	err  error
	hint string
	// effect completes the sentence of a warning: what was done about it.
	effect string
}

func (e *lineError) Error() string { return fmt.Sprintf("%d: %v%s", e.line, e.err, e.effect) }

func (e *lineError) Unwrap() error { return e.err }

func errorAt(line int, format string, args ...any) error {
	return &lineError{line: line, err: fmt.Errorf(format, args...)}
}

// StrictError returns the error that a warning of a spec is with --strict.
func StrictError(warning *manifest.InputError) error {
	var (
		in *fileError
		at *lineError
	)
	if !errors.As(warning, &in) || !errors.As(in, &at) {
		return warning
	}
	strict := *at
	strict.effect = ", which --strict does not allow"
	return &manifest.InputError{Err: &fileError{in.name, &strict}, HintText: warning.HintText}
}

// fileError is an error in a file; that of a line has its number before the message.
type fileError struct {
	name string
	err  error
}

func (e *fileError) Error() string { return e.name + ":" + e.err.Error() }

func (e *fileError) Unwrap() error { return e.err }

// Place returns the file, with the line if the error has one.
func (e *fileError) Place() string {
	var at *lineError
	if errors.As(e.err, &at) {
		return fmt.Sprintf("%s:%d", e.name, at.line)
	}
	return e.name
}

// withPosition turns an error inside a spec into the one that is shown.
func withPosition(filename string, err error) *manifest.InputError {
	input := &manifest.InputError{Err: &fileError{filename, err}}
	var at *lineError
	if errors.As(err, &at) {
		input.HintText = at.hint
	}
	return input
}
