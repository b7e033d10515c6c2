package cmd

import (
	"context"
	"fmt"
	"io"
	"os"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
)

// maxInput limits a spec, and a file of a builder, in bytes.
const maxInput = 4 << 20

// readInput reads a file that an argument names, or standard input for -. what is its
// kind in messages. It returns the name for messages as well.
func (s *session) readInput(ctx context.Context, what, path string) (content []byte, name string, err error) {
	in := s.In
	switch {
	case path != "-":
		in = &ctxReader{ctx, &lazyFile{path: path}}
	case s.passwordStdin:
		return nil, "", usagef("standard input already provides the password and cannot provide the %s too", what)
	default:
		path = "standard input"
	}
	content, err = readLimited(in)
	if ctx.Err() != nil {
		return nil, "", fmt.Errorf("reading %q: %w", path, context.Cause(ctx))
	}
	if err != nil {
		return nil, "", &manifest.InputError{Err: fmt.Errorf("can't read %s %q: %w", what, path, errtext.WithoutPath(err))}
	}
	return content, path, nil
}

// readLimited reads an input that is not larger than maxInput.
func readLimited(in io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(in, maxInput+1))
	if err == nil && len(content) > maxInput {
		err = fmt.Errorf("it is larger than %d bytes", maxInput)
	}
	return content, err
}

// lazyFile is a file that is opened at the first read and closed at its end:
// opening a pipe blocks until a writer opens it.
type lazyFile struct {
	path string
	file *os.File
}

func (o *lazyFile) Read(p []byte) (n int, err error) {
	if o.file == nil {
		if o.file, err = os.Open(o.path); err != nil {
			return 0, err
		}
	}
	if n, err = o.file.Read(p); err != nil {
		_ = o.file.Close()
	}
	return n, err
}
