package spec

import (
	"errors"
	"fmt"
	"strings"

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
	var at *lineError
	if !errors.As(warning, &at) {
		return warning
	}
	strict := *at
	strict.effect = ", which --strict does not allow"
	prefix := strings.TrimSuffix(warning.Error(), at.Error())
	return &manifest.InputError{Err: fmt.Errorf("%s%w", prefix, &strict), HintText: warning.HintText}
}

// withPosition turns an error inside a spec into the one that is shown.
func withPosition(filename string, err error) *manifest.InputError {
	input := &manifest.InputError{Err: fmt.Errorf("%s:%w", filename, err)}
	var at *lineError
	if errors.As(err, &at) {
		input.HintText = at.hint
	}
	return input
}
