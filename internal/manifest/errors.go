package manifest

import (
	"fmt"
	"strings"
)

// InputError is bad input: something that the user has to change before the run
// can succeed. The program then ends with exit code 2.
type InputError struct {
	Err error
	// HintText, if set, says what to do about it; it is printed on its own line.
	HintText string
}

// Error returns the message of Err; the hint is not part of it.
func (e *InputError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *InputError) Unwrap() error { return e.Err }

// Hint returns HintText.
func (e *InputError) Hint() string { return e.HintText }

// ExitCode is that of bad input.
func (e *InputError) ExitCode() int { return 2 }

// InputErrorf returns an InputError with a formatted message.
// InputErrorf returns an InputError without a hint, formatted as by fmt.Errorf.
func InputErrorf(format string, args ...any) error {
	return &InputError{Err: fmt.Errorf(format, args...)}
}

// OutputError means that indexes were written but the result of one could not be
// shown, so that the remaining indexes of the spec were not pushed.
type OutputError struct {
	// Written and Remaining are the targets that were written and those that were not.
	Written, Remaining []string
	Err                error
}

func (e *OutputError) Error() string {
	verb := "was"
	if len(e.Written) > 1 {
		verb = "were"
	}
	message := fmt.Sprintf("%s %s written: %v", strings.Join(e.Written, ", "), verb, e.Err)
	if len(e.Remaining) > 0 {
		message += "; not done: " + strings.Join(e.Remaining, ", ")
	}
	return message
}

// Unwrap returns why the result could not be shown.
func (e *OutputError) Unwrap() error { return e.Err }

// ExitCode is that of a failure, or of a run that was partly done.
func (e *OutputError) ExitCode() int {
	if len(e.Remaining) > 0 {
		return 4
	}
	return 1
}
