package rootfs

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"manifest-tool/internal/platform/executable"
)

// Stack is the file system of an image: at each path, the uppermost layer that
// has it counts, as in an overlay file system. It is not safe for concurrent use.
type Stack struct {
	reader *Reader
	// layers has the lowest first, as in a manifest.
	layers  []Layer
	windows bool
	// lowest is the lowest layer that was read, ahead that of ReadAhead.
	lowest int
	ahead  bool
}

// NewStack returns the file system of an image with these layers, lowest first.
// Layers are read when a lookup needs them.
func NewStack(r *Reader, layers []Layer, windows bool) *Stack {
	return &Stack{reader: r, layers: layers, windows: windows, lowest: len(layers)}
}

// IsWindows reports whether this is the file system of a Windows image.
func (s *Stack) IsWindows() bool { return s.windows }

// table returns the files of a layer.
func (s *Stack) table(ctx context.Context, i int) (*Table, error) {
	if s.ahead && i < s.lowest && s.lowest < len(s.layers) {
		s.readDown(ctx, i)
	}
	s.lowest = min(s.lowest, i)
	return s.reader.table(ctx, s.layers[i], keyOf(s.layers[i], s.windows))
}

// File is a file of an image.
type File struct {
	// Path has no symlinks; Layer is the digest of the layer that has the file.
	Path  string
	Layer string
	// Executable is its header; the format is unknown if it is not a program.
	Executable executable.Executable
	// Unverified means that some of the bytes read had no digest.
	Unverified bool
}

// Program finds the program file at a path, as execve does: it follows links and
// requires an execute permission. The error is fs.ErrNotExist, ErrLoop,
// ErrNotFile, ErrNotExecutable, or a *LayerError if a layer that may have the
// file cannot be read.
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
		e, err = s.programOfFullLayer(ctx, layer, at.source)
	}
	if err != nil {
		return File{}, &LayerError{layer.Digest, err}
	}
	f := File{Path: at.path, Layer: layer.Digest.String(), Unverified: unverified}
	f.Executable = executable.Executable{Format: executable.FormatUnknown, Detail: "it does not begin like a program"}
	if e != nil {
		f.Executable = *e
	}
	return f, nil
}

// programOfFullLayer reads a program from the whole layer instead of single chunks.
func (s *Stack) programOfFullLayer(ctx context.Context, l Layer, p string) (*executable.Executable, error) {
	key := keyOf(l, s.windows)
	key.full = true
	t, err := s.reader.table(ctx, l, key)
	if err != nil {
		return nil, err
	}
	return t.header(p), nil
}

// Programs calls yield with every program file that is visible in the image.
// Layers that cannot be read are skipped and returned as errors.
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

// hiddenBy reports whether one of the layers above replaces or hides a path.
func hiddenBy(above []*Table, p string) bool {
	for _, t := range above {
		if t.at(p).kind != kindNone || t.hides(p) {
			return true
		}
	}
	return false
}
