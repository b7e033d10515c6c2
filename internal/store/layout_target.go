package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
)

// layoutError is a layout, or the index.json of an archive, that cannot be used.
type layoutError struct {
	err  error
	hint string
}

func (e *layoutError) Error() string { return e.err.Error() }
func (e *layoutError) Unwrap() error { return e.err }
func (e *layoutError) Hint() string  { return e.hint }

// ExitCode is that of bad input.
func (*layoutError) ExitCode() int { return 2 }

// withoutFile makes a file that a layout does not have a *layoutError.
func withoutFile(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &layoutError{err, "check the path: an OCI layout has the files oci-layout and index.json"}
	}
	return err
}

// checkTarget returns an error for a path to which no layout can be written: a file, a
// link to nothing, or a layout with an index.json that cannot be read.
func (l layout) checkTarget(ctx context.Context, ref reference.Ref) error {
	info, err := os.Stat(ref.Path)
	switch _, linked := os.Readlink(ref.Path); {
	case errors.Is(err, fs.ErrNotExist) && linked == nil:
		return &layoutError{fmt.Errorf("writing %s: it is a symbolic link to a directory that does not exist", ref.WithTag("")), "create the directory, or remove the link"}
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("writing %s: %w", ref.WithTag(""), errtext.WithoutPath(err))
	case !info.IsDir():
		return &layoutError{fmt.Errorf("writing %s: it is not a directory", ref.WithTag("")), layoutFileHint}
	}
	root, err := os.OpenRoot(ref.Path)
	if err != nil {
		return fmt.Errorf("writing %s: %w", ref.WithTag(""), errtext.WithoutPath(err))
	}
	defer root.Close()
	return checkIndex(ctx, ref, dirFiles{root})
}

// checkIndex returns an error for a target whose index.json exists and cannot be read:
// its tags would be lost.
func checkIndex(ctx context.Context, ref reference.Ref, files layoutFiles) error {
	if _, err := readIndex(ctx, files); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("writing %s: %w", ref.WithTag(""), err)
	}
	return nil
}

// badIndex returns the error for an index.json that is not JSON, or not an index.
func badIndex(raw []byte, err error) error {
	return &layoutError{fmt.Errorf("reading %s: %w", ocispec.ImageIndexFile, errtext.DecodeError(raw, err)), badIndexHint}
}
