package inspect

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
)

// maxLine bounds a line of a list of names, in bytes: more than any reference
// has, and than any path of a layout.
const maxLine = 8 << 10

// ReadReferences reads references one to a line, as they come, for Query. Blanks
// around them, empty lines and lines that begin with # do not count. A line
// that is too long gives an error in its place and is skipped; one in reading
// ends the list.
func ReadReferences(in io.Reader) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		lines := bufio.NewReaderSize(in, maxLine)
		for number := 1; ; number++ {
			line, err := nextLine(lines)
			var name string
			switch name = strings.TrimSpace(line); {
			case errors.Is(err, bufio.ErrBufferFull):
				if !yield(fmt.Sprintf("%.64s...", name), errLine(number, "it is longer than %d bytes", maxLine)) {
					return
				}
				continue
			case err != nil && !errors.Is(err, io.EOF):
				yield("", fmt.Errorf("reading the references: %w", errtext.WithoutPath(err)))
				return
			}
			if name != "" && !strings.HasPrefix(name, "#") && !yield(name, nil) || err != nil {
				return
			}
		}
	}
}

// nextLine returns a line, or the beginning of one that is too long, with
// bufio.ErrBufferFull.
func nextLine(lines *bufio.Reader) (string, error) {
	raw, err := lines.ReadSlice('\n')
	line := string(raw)
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = lines.ReadSlice('\n')
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return line, bufio.ErrBufferFull
}

// ValidateReferences rejects invalid references before the first request.
func ValidateReferences(names []string) error {
	for _, name := range names {
		if _, err := manifest.ParseReference(name, "latest"); err != nil {
			return err
		}
	}
	return nil
}

// FromSlice makes the names that Query takes of those that are known.
func FromSlice(names []string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, name := range names {
			if !yield(name, nil) {
				return
			}
		}
	}
}

// errLine says what is wrong with a line of a list of names.
func errLine(number int, format string, args ...any) error {
	return &manifest.InputError{Err: fmt.Errorf("line %d: %w", number, fmt.Errorf(format, args...))}
}
