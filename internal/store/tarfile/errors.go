package tarfile

import (
	"errors"
	"fmt"
)

// The problems of an archive, for errors.Is.
var (
	ErrNotTar      = errors.New("it is not a tar archive")
	ErrCompression = errors.New("its compression is not supported")
	ErrNotRegular  = errors.New("it is not a regular file")
	ErrTruncated   = errors.New("it is truncated")
	ErrDamaged     = errors.New("it is damaged")
	ErrOutside     = errors.New("it has a name that leads out of the archive")
	ErrLinks       = errors.New("it has a link that leads to links without end")
	ErrDuplicate   = errors.New("it has two members of one name")
	ErrSparse      = errors.New("it has a sparse member")
	ErrLimit       = errors.New("it exceeds a limit")
)

// Error is an archive that cannot be used.
type Error struct {
	// Problem is one of the errors above.
	Problem error
	// Member is the name of the member with the problem, if it is in one.
	Member string
	// Err is what went wrong, if more is known.
	Err error
}

// Error states the problem, its cause and the member.
func (e *Error) Error() string {
	text := e.Problem.Error()
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Member != "" {
		text += fmt.Sprintf(" (%.200q)", e.Member)
	}
	return text
}

// Unwrap returns the problem and its cause.
func (e *Error) Unwrap() []error { return []error{e.Problem, e.Err} }

// ExitCode is that of bad input.
func (*Error) ExitCode() int { return 2 }

// Hint says what the user can do.
func (e *Error) Hint() string {
	switch e.Problem {
	case ErrNotTar: //nolint:errorlint // it is one of the variables
		return "a reference to an archive names a tar file, which may be compressed with gzip or zstd; a directory is oci-layout://DIR"
	case ErrCompression:
		return "an archive may be compressed with gzip or zstd: decompress this one first"
	case ErrNotRegular:
		return "an archive is read in any order, which a pipe does not allow: write it to a file first"
	case ErrTruncated, ErrDamaged:
		return "copy or download the archive again, or write it again with the program that made it"
	case ErrSparse:
		return "write the archive again without sparse files, which tar writes only if it is asked to"
	case ErrOutside, ErrLinks, ErrDuplicate:
		return "no program writes images like this, so nothing of it is used: write the archive again with a current program"
	}
	return "the limit is far above what images need: write the archive again with only the images that are needed"
}

// limitError is an archive with more than a limit allows.
func limitError(limit int64, what string) error {
	return &Error{Problem: ErrLimit, Err: fmt.Errorf("more than %d %s", limit, what)}
}
