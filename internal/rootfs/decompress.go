package rootfs

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"math"

	"github.com/klauspost/compress/gzip"
)

// Compression is the compression of a layer.
type Compression string

// The compressions that runtimes support.
const (
	None Compression = "none"
	Gzip Compression = "gzip"
	Zstd Compression = "zstd"
)

// errUnpacker is a compression that runtimes do not support.
var errUnpacker = errors.New("its compression is not supported in layers")

// detect determines the compression by the first bytes. Runtimes do not rely on
// the media type either.
func detect(head []byte) (Compression, error) {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return Gzip, nil
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}), isSkippable(head):
		return Zstd, nil
	case bytes.HasPrefix(head, []byte("BZh")), bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")), bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return "", errUnpacker
	}
	return None, nil
}

// isSkippable reports whether the bytes begin a skippable zstd frame (RFC 8878,
// section 3.1.2).
func isSkippable(head []byte) bool {
	return len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18})
}

// stream is a layer that is being decompressed: its input is counted and its
// output is bounded.
type stream struct {
	in     *counter
	packed *bufio.Reader
	kind   Compression
	out    io.Reader
	zstd   zstdWindow
	close  func()
}

// inflate starts to decompress a layer. alone is a channel of capacity one; large
// means that a zstd frame has a large window.
func inflate(ctx context.Context, body io.Reader, l Limits, alone chan struct{}, large bool) (*stream, error) {
	s := &stream{in: &counter{r: body}, close: func() {}}
	s.packed = bufio.NewReaderSize(s.in, 64<<10)
	head, err := s.packed.Peek(6)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, s.cause(err)
	}
	if s.kind, err = detect(head); err != nil {
		return nil, err
	}
	plain, err := s.unpack(ctx, l, alone, large)
	if err != nil {
		return nil, s.cause(err)
	}
	if s.kind != Zstd {
		l.Ratio = math.MaxInt64
	}
	s.out = &limitedReader{ctx: ctx, r: plain, in: s.in, limits: l}
	return s, nil
}

func (s *stream) unpack(ctx context.Context, l Limits, alone chan struct{}, large bool) (io.Reader, error) {
	switch s.kind {
	case Gzip:
		return gzip.NewReader(s.packed)
	case Zstd:
		return s.unpackZstd(ctx, l, alone, large)
	}
	return s.packed, nil
}

// cause returns the error of the input if there is one, instead of the error that
// the decompressor returned for it.
func (s *stream) cause(err error) error {
	if s.in.err != nil {
		return &SourceError{s.in.err}
	}
	return s.zstd.cause(err)
}

// drain reads the rest of the blob without decompressing it, which verifies its
// digest.
func (s *stream) drain() error {
	if _, err := io.Copy(io.Discard, s.packed); err != nil {
		return s.cause(err)
	}
	return nil
}

// counter counts the bytes read and keeps the error.
type counter struct {
	r   io.Reader
	n   int64
	err error
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// limitedReader is the output of a decompressor, within limits; ctx has that of time.
type limitedReader struct {
	ctx    context.Context //nolint:containedctx // an io.Reader has no other way to stop
	r      io.Reader
	in     *counter
	limits Limits
	n      int64
}

func (b *limitedReader) Read(p []byte) (int, error) {
	if err := b.check(); err != nil {
		return 0, err
	}
	n, err := b.r.Read(p)
	b.n += int64(n)
	return n, err
}

func (b *limitedReader) check() error {
	switch {
	case b.ctx.Err() != nil:
		return context.Cause(b.ctx)
	case b.n > b.limits.Bytes:
		return &LimitError{"bytes after decompression", b.limits.Bytes}
	case b.n > b.limits.RatioFrom && b.n/b.limits.Ratio > b.in.n:
		return &LimitError{"times its size after decompression", b.limits.Ratio}
	}
	return nil
}
