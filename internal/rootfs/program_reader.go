package rootfs

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"manifest-tool/internal/platform/executable"
)

// programReader reads the headers of program files in a stream. It keeps the
// ranges of a file that executable.NeededRanges returns, a few megabytes at most.
type programReader struct {
	head    []byte
	headers *headers
}

func newCapture(l Limits) *programReader {
	return &programReader{head: make([]byte, executable.HeadSize), headers: newHeaders(l)}
}

// minProgramSize is the number of bytes that decide whether a file may be a
// program. Only scripts may be shorter.
const minProgramSize = 20

// read reads a file of size bytes from r. It reports false if the file is not a
// program: the result is then a description of its first bytes. The error is that
// of the stream. Only the head of a sparse file is read: a few bytes may claim to
// be terabytes, and programs are not sparse.
func (c *programReader) read(r io.Reader, size int64, sparse bool) (executable.Executable, bool, error) {
	first := c.head[:min(size, minProgramSize)]
	if _, err := io.ReadFull(r, first); err != nil {
		return executable.Executable{}, false, unexpected(err)
	}
	if !mayBeProgram(first) {
		return readOther(first), false, nil
	}
	head := c.head[:min(size, int64(len(c.head)))]
	if _, err := io.ReadFull(r, head[len(first):]); err != nil {
		return executable.Executable{}, false, err
	}
	parts := &segments{size: size, all: []segment{{0, head}}}
	if sparse {
		return readProgram(parts, size), true, nil
	}
	if err := parts.keep(r, int64(len(head)), executable.NeededRanges(head, size)); err != nil {
		return executable.Executable{}, false, err
	}
	return readProgram(parts, size), true, nil
}

// readOther describes a file that is not a program by its first bytes.
func readOther(first []byte) executable.Executable {
	if isObject(first) {
		return executable.Object()
	}
	return readProgram(bytes.NewReader(first), int64(len(first)))
}

// readProgram never fails: a program that cannot be parsed has an unknown format
// and the reason.
func readProgram(r io.ReaderAt, size int64) executable.Executable {
	e, err := executable.Read(r, size)
	if err == nil {
		return e
	}
	if e.Format == "" {
		e.Format = executable.FormatUnknown
	}
	if malformed := (*executable.MalformedError)(nil); errors.As(err, &malformed) {
		e.Detail = malformed.Error()
	} else if e.Detail == "" {
		e.Detail = err.Error()
	}
	return e
}

// mayBeProgram reports whether a file begins like those that executable.Read
// parses. Object files are excluded, since they are not executed.
func mayBeProgram(b []byte) bool {
	if isObject(b) {
		return false
	}
	for _, magic := range []string{
		"\x7fELF", "MZ", "#!", "\x00asm", "\xca\xfe\xba\xbe", "\xca\xfe\xba\xbf",
		"\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe",
		"\xbe\xba\xfe\xca", "\xbf\xba\xfe\xca",
	} {
		if bytes.HasPrefix(b, []byte(magic)) {
			return true
		}
	}
	return false
}

// isObject reports whether a file is input for a linker: ELF's ET_REL, Mach-O's
// MH_OBJECT.
func isObject(b []byte) bool {
	if len(b) < minProgramSize {
		return false
	}
	switch string(b[:4]) {
	case "\x7fELF":
		return b[16] == 1 && b[17] == 0 && b[5] == 1 || b[16] == 0 && b[17] == 1 && b[5] == 2
	case "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe":
		return b[12] == 1 && b[13] == 0
	case "\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf":
		return b[15] == 1 && b[14] == 0
	}
	return false
}

// segment is a run of bytes of a file.
type segment struct {
	offset int64
	bytes  []byte
}

// segments are the buffered ranges of a file, in order of their offsets.
type segments struct {
	size int64
	all  []segment
}

// keep buffers the wanted ranges, which are in order, of a stream at an offset.
func (p *segments) keep(r io.Reader, at int64, wanted []executable.Range) error {
	for _, w := range wanted {
		begin, end := max(w.Offset, at), w.Offset+w.Length
		if begin >= end {
			continue
		}
		if end > p.size {
			return nil
		}
		if _, err := io.CopyN(io.Discard, r, begin-at); err != nil {
			return unexpected(err)
		}
		b := make([]byte, end-begin)
		if _, err := io.ReadFull(r, b); err != nil {
			return unexpected(err)
		}
		p.all = append(p.all, segment{begin, b})
		at = end
	}
	return nil
}

// ReadAt implements io.ReaderAt. It fails for bytes that are not buffered.
func (p *segments) ReadAt(b []byte, offset int64) (int, error) {
	n := 0
	for _, k := range p.all {
		at := offset + int64(n) - k.offset
		if at < 0 || at >= int64(len(k.bytes)) {
			continue
		}
		if n += copy(b[n:], k.bytes[at:]); n == len(b) {
			return n, nil
		}
	}
	return n, fmt.Errorf("%w: %d bytes at %d", errNotBuffered, len(b), offset)
}

// errNotBuffered is a range of a file that was not expected to be needed.
var errNotBuffered = errors.New("the range was not buffered")

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
