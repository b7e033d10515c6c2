package rootfs

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"manifest-tool/internal/platform/executable"
)

// Stack is the layers of one image, lying upon each other: what an upper layer
// has under a path is what counts, as in an overlay file system.
type Stack struct {
	reader *Reader
	// layers has the lowest first, as a manifest lists them.
	layers  []Layer
	windows bool
}

// NewStack returns the file system of an image with these layers, lowest first.
// Nothing is read until somebody asks.
func NewStack(r *Reader, layers []Layer, windows bool) *Stack {
	return &Stack{reader: r, layers: layers, windows: windows}
}

// IsWindows reports whether this is the file system of a Windows image.
func (s *Stack) IsWindows() bool { return s.windows }

func (s *Stack) table(ctx context.Context, i int) (*Table, error) {
	return s.reader.table(ctx, s.layers[i], keyOf(s.layers[i], s.windows))
}

// File is a file that was found.
type File struct {
	// Path is where it is, links followed; Layer the digest of the layer that
	// it is in.
	Path  string
	Layer string
	// Executable is what it is; its format is unknown for no program.
	Executable executable.Executable
	// Unverified says that bytes it was judged by had no digest.
	Unverified bool
}

// Program finds the program file at a path, as a system call to execute it
// would: links are followed, and somebody must be allowed to execute it. The
// error is fs.ErrNotExist, ErrLoop, ErrNotFile, ErrNotExecutable, or a
// *LayerError where the layer that would tell cannot be read.
func (s *Stack) Program(ctx context.Context, p string) (File, error) {
	return s.ProgramFrom(ctx, "", p, s.windows)
}

// ProgramFrom is Program for a path that may be relative to a working directory.
// If anyMode is true, the file needs no execute permission.
func (s *Stack) ProgramFrom(ctx context.Context, dir, p string, anyMode bool) (File, error) {
	from := "/"
	if !strings.HasPrefix(p, "/") {
		var err error
		if from, err = s.workingDir(ctx, dir); err != nil {
			return File{}, err
		}
	}
	at, err := s.walk(ctx, from, p, false)
	switch {
	case err != nil:
		return File{}, err
	case at.kind != kindFile && at.kind != kindProgram:
		return File{}, ErrNotFile
	}
	layer := s.layers[at.layer]
	if at.kind == kindFile && !anyMode {
		return File{Path: at.path, Layer: layer.Digest.String()}, ErrNotExecutable
	}
	e, unverified, err := at.table.program(ctx, at.source)
	if errors.Is(err, errChunk) || errors.Is(err, ErrNoRange) {
		e, err = s.wholeProgram(ctx, layer, at.source)
	}
	if err != nil {
		return File{}, &LayerError{layer.Digest, err}
	}
	f := File{Path: at.path, Layer: layer.Digest.String(), Unverified: unverified}
	f.Executable = executable.Executable{Format: executable.FormatUnknown, Detail: "it begins like no program"}
	if e != nil {
		f.Executable = *e
	}
	return f, nil
}

// wholeProgram reads the layer whole, where single chunks do not do.
func (s *Stack) wholeProgram(ctx context.Context, l Layer, p string) (*executable.Executable, error) {
	key := keyOf(l, s.windows)
	key.whole = true
	t, err := s.reader.table(ctx, l, key)
	if err != nil {
		return nil, err
	}
	return t.programs[t.hash(p)], nil
}

// Programs calls yield with every program file that is visible in the image.
// Layers that cannot be read are left out and returned as errors.
func (s *Stack) Programs(ctx context.Context, yield func(p Program, layer string)) []error {
	var above []*Table
	var failed []error
	for i := len(s.layers) - 1; i >= 0; i-- {
		t, err := s.table(ctx, i)
		if err != nil {
			failed = append(failed, fmt.Errorf("programs of %w", err))
			continue
		}
		for _, p := range t.listed {
			if !hiddenBy(above, p.Path) {
				yield(p, s.layers[i].Digest.String())
			}
		}
		above = append(above, t)
	}
	return failed
}

// hiddenBy reports whether one of the layers above has something in place of a
// path.
func hiddenBy(above []*Table, p string) bool {
	for _, t := range above {
		if t.at(p).kind != kindNone || t.hides(p) {
			return true
		}
	}
	return false
}
