package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// maxResumes bounds how often the reading of one blob is taken up again.
const maxResumes = 5

// resuming is a blob whose connection may break: it asks for the rest by
// Range, or begins again where the server does not do that, and goes on where
// it was. Size and digest are compared over all of it, above.
type resuming struct {
	ctx   context.Context //nolint:containedctx // reading goes on requesting
	fetch func(ctx context.Context, offset int64) (*http.Response, error)
	body  io.ReadCloser
	read  int64
	size  int64
	tries int
}

func (r *resuming) Read(p []byte) (int, error) {
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
			return n, unexpected(err)
		}
		if again := r.resume(); again != nil {
			return n, errors.Join(unexpected(err), again)
		}
	}
}

// unexpected is an end that came too soon.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (r *resuming) resume() error {
	r.tries++
	_ = r.body.Close()
	resp, err := r.fetch(r.ctx, r.read)
	if err != nil {
		return err
	}
	r.body = resp.Body
	want := fmt.Sprintf("bytes %d-", r.read)
	switch {
	case resp.StatusCode == http.StatusPartialContent && strings.HasPrefix(resp.Header.Get("Content-Range"), want):
		return nil
	case resp.StatusCode == http.StatusOK:
		_, err := io.CopyN(io.Discard, r.body, r.read)
		return err
	}
	return fmt.Errorf("asked for the bytes from %d on, got %d %q", r.read, resp.StatusCode, resp.Header.Get("Content-Range"))
}

func (r *resuming) Close() error { return r.body.Close() }

// fetchBlob asks for a blob from an offset on.
func (r *registry) fetchBlob(ref Ref, what blobName) func(context.Context, int64) (*http.Response, error) {
	return func(ctx context.Context, offset int64) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, ref.url("blobs", what.digest.String()).String(), nil)
		if err != nil {
			return nil, err
		}
		if offset > 0 {
			req.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
		}
		resp, err := r.client.Do(req)
		if err != nil {
			return nil, readError(what, err)
		}
		if err := transport.CheckError(resp, http.StatusOK, http.StatusPartialContent); err != nil {
			drain(resp)
			return nil, readError(what, err)
		}
		return resp, nil
	}
}
