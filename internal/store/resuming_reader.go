package store

import (
	"context"
	"errors"
	"io"

	"manifest-tool/internal/reference"
)

// maxResumes bounds how often reading one blob is resumed.
const maxResumes = 5

// resumingReader is a blob whose connection may break: it requests the rest by
// Range, or reads from the beginning again if the server does not support that,
// and continues at its position. Its caller compares size and digest.
type resumingReader struct {
	ctx   context.Context //nolint:containedctx // reading sends further requests
	fetch fetchFrom
	body  io.ReadCloser
	read  int64
	size  int64
	tries int
	// source is where the bytes come from now.
	source reference.Ref
}

func (r *resumingReader) Read(p []byte) (int, error) {
	for {
		n, err := r.body.Read(p)
		r.read += int64(n)
		if err == nil || n > 0 && !errors.Is(err, io.EOF) {
			return n, nil
		}
		if errors.Is(err, io.EOF) && (r.read >= r.size || n > 0) {
			return n, err
		}
		if r.ctx.Err() != nil || r.tries == maxResumes {
			return n, unexpectedEOF(err)
		}
		if again := r.resume(); again != nil {
			return n, errors.Join(unexpectedEOF(err), again)
		}
	}
}

// unexpectedEOF replaces io.EOF by io.ErrUnexpectedEOF.
func unexpectedEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (r *resumingReader) resume() error {
	r.tries++
	_ = r.body.Close()
	body, begins, err := r.fetch(r.ctx, r.read)
	if err != nil {
		return err
	}
	r.body = body
	_, err = io.CopyN(io.Discard, body, r.read-begins)
	return err
}

func (r *resumingReader) Close() error { return r.body.Close() }
