package tarfile

import (
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// compression is how an archive is compressed as a whole.
type compression int

const (
	none compression = iota
	gzipped
	zstandard
)

// detect determines the compression by the first bytes.
func detect(r io.ReaderAt, size int64) (compression, error) {
	head := make([]byte, min(size, 6))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return none, err
	}
	switch {
	case len(head) == 0:
		return none, &Error{Problem: ErrNotTar, Err: errors.New("it is empty")}
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return gzipped, nil
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}), isSkippable(head):
		return zstandard, nil
	case bytes.HasPrefix(head, []byte("BZh")), bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")), bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return none, &Error{Problem: ErrCompression}
	}
	return none, nil
}

// isSkippable reports whether the bytes begin a skippable zstd frame (RFC 8878,
// section 3.1.2).
func isSkippable(head []byte) bool {
	return len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18})
}

// usualWindow is the zstd window up to which several streams of an archive are read
// concurrently, in bytes: that of zstd without --ultra and --long.
const usualWindow = 8 << 20

// maxStreams bounds the streams of one archive that are read concurrently.
const maxStreams = 4

// prepare determines the window that the frames of a compressed archive may have, and
// how many streams may be read concurrently, each with a window in memory.
func (x *index) prepare(r io.ReaderAt) error {
	x.window = usualWindow
	if x.compression == zstandard {
		head := make([]byte, min(x.size, zstd.HeaderMaxSize))
		if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		x.window = max(usualWindow, requiredWindow(head, x.limits.Window))
	}
	streams := maxStreams
	if x.window > usualWindow {
		streams = 1
	}
	x.turns = make(chan struct{}, streams)
	return nil
}

// requiredWindow returns the window of the frame at the beginning of head: most, if
// that is not known. A frame of a single segment requires as much as its content (RFC
// 8878, section 3.1.1.1.2).
func requiredWindow(head []byte, most uint64) uint64 {
	var h zstd.Header
	switch err := h.Decode(head); {
	case err != nil, h.Skippable:
		return most
	case h.SingleSegment:
		return min(h.FrameContentSize, most)
	}
	return min(h.WindowSize, most)
}
