package executable

import (
	"errors"
	"fmt"
	"io"
	"math"
)

const (
	// maxTable bounds what is read of one table, in bytes. Linux has the same
	// bound for program headers (fs/binfmt_elf.c).
	maxTable = 64 << 10
	// maxPath bounds a loader's path, in bytes, as Linux does.
	maxPath = 4096
	// maxRead bounds what is read of one file, in bytes.
	maxRead = 1 << 20
)

// MalformedError is a file whose header announces a format and then
// contradicts itself, so that its platform is undefined.
type MalformedError struct {
	Format FileFormat
	// Reason describes the contradiction, in the terms of the format.
	Reason string
}

// Error names the format and what is wrong.
func (e *MalformedError) Error() string {
	return fmt.Sprintf("the %s file is malformed: %s", e.Format, e.Reason)
}

func malformed(format string, args ...any) error {
	return &MalformedError{Reason: fmt.Sprintf(format, args...)}
}

// boundedReader reads a file within bounds.
type boundedReader struct {
	r    io.ReaderAt
	size int64
	head []byte // the first bytes, which are not read again
	read int64  // bytes read so far
}

// readAt returns the n bytes at an offset. A place that is not in the file, a table
// that is too long, and a file that makes us read too much are malformed; other
// errors are the reader's.
func (s *boundedReader) readAt(offset, n int64) ([]byte, error) {
	switch {
	case offset < 0 || n < 0 || offset > s.size || n > s.size-offset:
		return nil, malformed("%d bytes at offset %d are beyond its end at %d", n, offset, s.size)
	case n > maxTable:
		return nil, malformed("a table of %d bytes at offset %d", n, offset)
	case offset+n <= int64(len(s.head)):
		return s.head[offset : offset+n], nil
	case s.read+n > maxRead:
		return nil, malformed("its tables hold more than %d bytes", maxRead)
	}
	s.read += n
	b := make([]byte, n)
	got, err := s.r.ReadAt(b, offset)
	if int64(got) == n {
		return b, nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return nil, fmt.Errorf("reading %d bytes at offset %d: %w", n, offset, err)
}

// clampInt64 turns what a file says of a place or a size into a number that can be
// compared with its length. What is too large for that is as good as the largest.
func clampInt64(v uint64) int64 {
	if v > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(v)
}

// readUpTo is at, for n bytes or as many as the file and the bound of a table have.
func (s *boundedReader) readUpTo(offset, n int64) ([]byte, error) {
	return s.readAt(offset, min(n, maxTable, max(0, s.size-offset)))
}
