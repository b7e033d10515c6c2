// Package errtext rewrites errors of Go's os and encoding/json packages as
// messages for users: why a file cannot be read, and which line and field of a
// JSON document is wrong.
//
// All packages that read files and documents use it, so it imports none of them.
package errtext

import "io/fs"

// replacedError is an error with another message, such as that of a file without
// the name of the call that failed.
type replacedError struct {
	text string
	err  error
}

func (e *replacedError) Error() string { return e.text }
func (e *replacedError) Unwrap() error { return e.err }

// Replace returns an error with another message that wraps err.
func Replace(err error, message string) error { return &replacedError{message, err} }

// FileError returns an *fs.PathError as "PATH: reason", without the name of the
// call. Any other error, including one that wraps an *fs.PathError, is returned
// unchanged.
func FileError(err error) error {
	if at, ok := err.(*fs.PathError); ok { //nolint:errorlint // words around it would be lost
		return &replacedError{at.Path + ": " + at.Err.Error(), err}
	}
	return err
}

// WithoutPath is File without the path, for a message that names the file already.
func WithoutPath(err error) error {
	if at, ok := err.(*fs.PathError); ok { //nolint:errorlint // as above
		return &replacedError{at.Err.Error(), err}
	}
	return err
}
