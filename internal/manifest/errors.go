package manifest

// InputError marks bad input: something the user wrote that has to change
// before the run can succeed. The program then ends with exit code 2.
type InputError struct {
	Err error
	// Hint, when set, says what to do about it; it is printed on its own line.
	Hint string
}

// Error returns the message of Err; the hint is not part of it.
func (e *InputError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *InputError) Unwrap() error { return e.Err }
