package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// maxResumes bounds how often the reading of one blob is taken up again.
const maxResumes = 5

// resumingReader is a blob whose connection may break: it asks for the rest by
// Range, or begins again where the server does not do that, and goes on where
// it was. Size and digest are compared over all of it, above.
type resumingReader struct {
	ctx   context.Context //nolint:containedctx // reading goes on requesting
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

// unexpectedEOF is an end that came too soon.
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

// fetchFrom asks for a blob from an offset on and returns the offset at which
// the answer begins: that one, or 0 from a server that does not know ranges.
type fetchFrom func(ctx context.Context, offset int64) (body io.ReadCloser, begins int64, err error)

func (r *registry) getBlobFrom(ref reference.Ref, what blobName) fetchFrom {
	return func(ctx context.Context, offset int64) (io.ReadCloser, int64, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, requestURL(ref, "blobs", what.digest.String()).String(), nil)
		if err != nil {
			return nil, 0, err
		}
		// A blob's digest is of its bytes as they are stored.
		req.Header.Set("Accept-Encoding", "identity")
		if offset > 0 {
			req.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
		}
		resp, err := r.client.Do(req)
		if err != nil {
			return nil, 0, readError(what, err)
		}
		if offset > 0 && resp.StatusCode == http.StatusRequestedRangeNotSatisfiable {
			// Some registries know only ranges that have an end.
			transport.Discard(resp)
			return r.getBlobFrom(ref, what)(ctx, 0)
		}
		begins, err := contentStart(resp, offset)
		if err != nil {
			transport.Discard(resp)
			return nil, 0, readError(what, err)
		}
		return resp.Body, begins, nil
	}
}

// contentStart reads where an answer begins (RFC 9110, section 14.4).
func contentStart(resp *http.Response, offset int64) (int64, error) {
	if err := transport.CheckResponse(resp, http.StatusOK, http.StatusPartialContent); err != nil {
		return 0, err
	}
	if resp.StatusCode == http.StatusOK {
		return 0, nil
	}
	said := resp.Header.Get("Content-Range")
	if !strings.HasPrefix(said, fmt.Sprintf("bytes %d-", offset)) {
		return 0, fmt.Errorf("asked for the bytes from %d on, got %q", offset, said)
	}
	return offset, nil
}
