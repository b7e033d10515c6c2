package tarfile

import (
	"bufio"
	"context"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxPadding bounds what is read after the end of a compressed archive, to check the
// sum at its end: tar fills the last block, of at most this size.
const maxPadding = 1 << 20

// stream decompresses an archive from its beginning.
type stream struct {
	ctx context.Context //nolint:containedctx // an io.Reader has no other way to stop
	// in counts the bytes that were read from the file.
	in    *countingReader
	plain io.Reader
	// at is the position in the decompressed archive.
	at     int64
	limits Limits
	close  func()
}

// newStream starts to decompress. It calls done when the stream is closed.
func (x *index) newStream(ctx context.Context, r io.ReaderAt, done func()) (*stream, error) {
	s := &stream{ctx: ctx, in: &countingReader{r: io.NewSectionReader(r, 0, x.size)}, limits: x.limits}
	packed := bufio.NewReaderSize(s.in, 64<<10)
	free := func() {}
	var err error
	if x.compression == gzipped {
		s.plain, err = gzip.NewReader(packed)
	} else {
		var z *zstd.Decoder
		z, err = zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(x.window))
		if err == nil {
			s.plain, free = z, z.Close
		}
	}
	if err != nil {
		return nil, s.cause(err)
	}
	s.close = func() {
		free()
		done()
	}
	return s, nil
}

func (s *stream) Read(p []byte) (int, error) {
	switch {
	case s.ctx.Err() != nil:
		return 0, context.Cause(s.ctx)
	case s.at > s.limits.RatioFrom && s.at/s.limits.Ratio > s.in.n:
		return 0, limitError(s.limits.Ratio, "times its size after decompression")
	}
	n, err := s.plain.Read(p)
	s.at += int64(n)
	return n, err
}

// finish reads to the end of the file, where the decompressor compares its sum.
func (s *stream) finish() error {
	_, err := io.Copy(io.Discard, io.LimitReader(s, maxPadding))
	return s.cause(err)
}

// cause classifies an error of reading a compressed archive.
func (s *stream) cause(err error) error {
	var known *Error
	switch {
	case err == nil, errors.As(err, &known) && !errors.Is(known, ErrDamaged):
		return err
	case s.ctx.Err() != nil:
		return context.Cause(s.ctx)
	case s.in.err != nil:
		return s.in.err
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return limitError(int64(min(s.limits.Window, 1<<62)), "bytes in the window of a zstd frame")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &Error{Problem: ErrTruncated}
	case known != nil:
		return known
	}
	return &Error{Problem: ErrDamaged, Err: err}
}

// countingReader counts the bytes of a file and keeps its error.
type countingReader struct {
	r   io.Reader
	n   int64
	err error
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}
