// Package reason says in this program's words what Go's packages say in theirs:
// what is wrong with a file, and with a JSON document.
//
// It is a package of its own, below all others, because those that read files
// and documents may not import each other.
package errtext

import "io/fs"

// fileError is an error about a file without the name of the call that failed.
type fileError struct {
	text string
	err  error
}

func (e *fileError) Error() string { return e.text }
func (e *fileError) Unwrap() error { return e.err }

// FileError is an error of a call on a file: PATH: reason. Any other error, also
// one that wraps such an error in words, is returned as it is.
func FileError(err error) error {
	if at, ok := err.(*fs.PathError); ok { //nolint:errorlint // words around it would be lost
		return &fileError{at.Path + ": " + at.Err.Error(), err}
	}
	return err
}

// WithoutPath is File without the path, for a message that names the file already.
func WithoutPath(err error) error {
	if at, ok := err.(*fs.PathError); ok { //nolint:errorlint // as above
		return &fileError{at.Err.Error(), err}
	}
	return err
}
