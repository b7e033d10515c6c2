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
}

func (e *lineError) Error() string { return fmt.Sprintf("%d: %v", e.line, e.err) }

func (e *lineError) Unwrap() error { return e.err }

func errorAt(line int, format string, args ...any) error {
	return &lineError{line: line, err: fmt.Errorf(format, args...)}
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
