package errtext

// WithHint returns err with advice for the user, which Hint finds. The message
// stays that of err.
func WithHint(err error, hint string) error { return &hintError{err, hint} }

// hintError is an error with advice for the user.
type hintError struct {
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }
func (e *hintError) Hint() string  { return e.hint }

// Hint returns what the user can do about an error: the hint of the first error
// in the tree of err, as errors.As walks it, with a method Hint() string that
// returns one; "" if there is none.
func Hint(err error) string {
	return first(err, func(err error) string {
		if h, ok := err.(interface{ Hint() string }); ok {
			return h.Hint()
		}
		return ""
	})
}

// ExitCode returns the exit code of the first error in the tree of err with a
// method ExitCode() int that does not return 0; 0 if there is none.
func ExitCode(err error) int {
	return first(err, func(err error) int {
		if c, ok := err.(interface{ ExitCode() int }); ok {
			return c.ExitCode()
		}
		return 0
	})
}

// first returns the first value of an error in a tree that is not zero.
func first[T comparable](err error, value func(error) T) T {
	var zero T
	if err == nil {
		return zero
	}
	if v := value(err); v != zero {
		return v
	}
	switch e := err.(type) { //nolint:errorlint // it walks the tree
	case interface{ Unwrap() error }:
		return first(e.Unwrap(), value)
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			if v := first(one, value); v != zero {
				return v
			}
		}
	}
	return zero
}
