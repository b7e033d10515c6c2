package rootfs

import (
	"context"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// usualWindow is the largest zstd window of the tools that build images, in
// bytes. Layers with a larger one are decompressed one at a time.
const usualWindow = 8 << 20

// errLargerWindow is a frame with a window above usualWindow after one with a
// smaller window.
var errLargerWindow = errors.New("a later zstd frame has a larger window than the first")

// zstdWindow is how large the windows of a layer's zstd frames are.
type zstdWindow struct {
	// most is the largest that is accepted now, limit the largest at all.
	most, limit uint64
	// known means that the window of the first frame is at most the limit.
	known bool
}

// requiredWindow returns the window of the frame at the beginning of head. It
// reports false for a skippable frame and for an invalid header. A frame of a
// single segment requires as much as its content (RFC 8878, section 3.1.1.1.2).
func requiredWindow(head []byte) (uint64, bool) {
	var h zstd.Header
	switch err := h.Decode(head); {
	case err != nil, h.Skippable:
		return 0, false
	case h.SingleSegment:
		return h.FrameContentSize, true
	}
	return h.WindowSize, true
}

// unpackZstd starts to decompress. The decompressor holds the window in memory.
func (s *stream) unpackZstd(ctx context.Context, l Limits, alone chan struct{}, large bool) (io.Reader, error) {
	head, _ := s.packed.Peek(zstd.HeaderMaxSize) // a short one is an error below
	window, known := requiredWindow(head)
	if window > l.Window {
		return nil, windowLimit(l.Window)
	}
	s.zstd = zstdWindow{most: min(l.Window, usualWindow), limit: l.Window, known: known}
	leave := func() {}
	if large || !known || window > s.zstd.most {
		select {
		case alone <- struct{}{}:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		s.zstd.most, leave = l.Window, func() { <-alone }
	}
	z, err := zstd.NewReader(s.packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(s.zstd.most))
	if err != nil {
		leave()
		return nil, err
	}
	s.close = func() {
		z.Close()
		leave()
	}
	return z, nil
}

// cause returns the reason of a decompressor's error. The decompressor has one
// error for a window that is too large and for a block larger than its window.
func (w zstdWindow) cause(err error) error {
	content := errors.Is(err, zstd.ErrDecoderSizeExceeded)
	switch {
	case !content && !errors.Is(err, zstd.ErrWindowSizeExceeded):
		return err
	case w.most < w.limit:
		return errLargerWindow
	case content || !w.known:
		return windowLimit(w.limit)
	}
	return err
}

func windowLimit(n uint64) error {
	return &LimitError{"bytes in the window of a zstd frame", int64(min(n, 1<<62))}
}
