package rootfs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"manifest-tool/internal/platform/executable"
)

// programReader reads the headers of program files that go by in a stream. It keeps
// of a file what platform.Wanted names, a few megabytes at most.
type programReader struct {
	head []byte
	// known shares one Executable among all files that say the same.
	known map[string]*executable.Executable
	most  int
}

func newCapture(l Limits) *programReader {
	return &programReader{head: make([]byte, executable.HeadSize), known: map[string]*executable.Executable{}, most: l.Programs}
}

// minProgramSize is how many bytes tell whether a file may be a program. Shorter ones are
// none, except scripts.
const minProgramSize = 20

// read reads a file of size bytes from r. It returns nil for what is no
// program. An error is the stream's. Of a sparse file only the head is read: a
// few bytes may claim to be terabytes, and no program is stored so.
func (c *programReader) read(r io.Reader, size int64, sparse bool) (*executable.Executable, error) {
	first := c.head[:min(size, minProgramSize)]
	if _, err := io.ReadFull(r, first); err != nil {
		return nil, unexpected(err)
	}
	if !mayBeProgram(first) {
		return nil, nil
	}
	head := c.head[:min(size, int64(len(c.head)))]
	if _, err := io.ReadFull(r, head[len(first):]); err != nil {
		return nil, err
	}
	parts := &segments{size: size, all: []segment{{0, head}}}
	if sparse {
		return c.intern(readProgram(parts, size)), nil
	}
	if err := parts.keep(r, int64(len(head)), executable.NeededRanges(head, size)); err != nil {
		return nil, err
	}
	return c.intern(readProgram(parts, size)), nil
}

// readProgram never fails: what cannot be read is unknown, with the reason.
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

// mayBeProgram reports whether a file begins like one of those that
// platform.ReadExecutable knows. Object files are none: nobody executes them.
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

func (c *programReader) intern(e executable.Executable) *executable.Executable {
	key, err := json.Marshal(e)
	if err != nil {
		return &e
	}
	if known, ok := c.known[string(key)]; ok {
		return known
	}
	if len(c.known) < c.most {
		c.known[string(key)] = &e
	}
	return &e
}

// segment is a run of bytes of a file.
type segment struct {
	offset int64
	bytes  []byte
}

// segments are the bytes of a file that were kept.
type segments struct {
	size int64
	all  []segment
}

// keep takes the wanted parts, which are in order, out of a stream that stands
// at an offset.
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

// ReadAt fails for bytes that were not kept. The parts lie in their order.
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

// errNotBuffered is a part of a file that nobody expected to be needed.
var errNotBuffered = errors.New("the part went by unread")

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
