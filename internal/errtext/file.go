// Package reason says in this program's words what Go's packages say in theirs:
// what is wrong with a file, and with a JSON document.
//
// It is a package of its own, below all others, because those that read files
// and documents may not import each other.
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

// FileError is an error of a call on a file: PATH: reason. Any other error, also
// one that wraps such an error in words, is returned as it is.
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
