package platform

import (
	"errors"
	"io"
)

// tailSize is how much of the end of an ELF file for 32-bit ARM is kept: its
// section table is there, and .ARM.attributes before it.
const tailSize = 1 << 20

// Range is a part of a file, in bytes.
type Range struct {
	Offset int64 `json:"offset"`
	Length int64 `json:"length"`
}

// Wanted returns the parts of a file of size bytes that [ReadExecutable] reads
// beyond its head, sorted by offset, for a caller that sees the file go by once
// and keeps only these. Head are the file's first [HeadSize] bytes, or all of
// it. Some of the parts may turn out not to be needed. What is read only after
// one of them was seen cannot be named; it shows as the reader's error.
func Wanted(head []byte, size int64) []Range {
	r := &wantReader{head: head}
	_, _ = ReadExecutable(r, size)
	return r.sorted(size)
}

// errNotYet is what a wantReader answers for bytes that it does not have.
var errNotYet = errors.New("not read yet")

// wantReader has the head of a file and notes what else it is asked for.
type wantReader struct {
	head   []byte
	wanted []Range
}

func (r *wantReader) ReadAt(p []byte, offset int64) (int, error) {
	if offset+int64(len(p)) <= int64(len(r.head)) {
		return copy(p, r.head[offset:]), nil
	}
	r.wanted = append(r.wanted, Range{Offset: offset, Length: int64(len(p))})
	return 0, errNotYet
}

func (r *wantReader) sorted(int64) []Range { return r.wanted }

var _ io.ReaderAt = (*wantReader)(nil)
