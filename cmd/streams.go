package cmd

import (
	"context"
	"io"
)

// ctxReader is an input that ends with its context: a blocked read from a terminal
// or a pipe would otherwise outlive Ctrl-C.
type ctxReader struct {
	ctx context.Context //nolint:containedctx // it is the lifetime of the input
	in  io.Reader
}

func (i *ctxReader) Read(p []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	buf := make([]byte, len(p))
	done := make(chan result, 1)
	go func() {
		n, err := i.in.Read(buf)
		done <- result{n, err}
	}()
	select {
	case r := <-done:
		return copy(p, buf[:r.n]), r.err
	case <-i.ctx.Done():
		return 0, context.Cause(i.ctx)
	}
}
