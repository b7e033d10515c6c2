package store

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"manifest-tool/internal/reference"
)

// Sizes of the chunks of an upload, in bytes. One chunk is held in memory, so
// that it can be sent again.
const (
	defaultChunk = 4 << 20
	maxChunk     = 64 << 20
)

// minChunkSize is the minimum size of a chunk that the registry requires
// (distribution-spec, "Pushing a blob in chunks"); one above maxChunk is ignored.
func minChunkSize(resp *http.Response) int64 {
	n, err := strconv.ParseInt(resp.Header.Get("OCI-Chunk-Min-Length"), 10, 64)
	if err != nil || n <= 0 || n > maxChunk {
		return 0
	}
	return n
}

// uploadChunked sends a blob in PATCH requests, one after the other, and closes
// the session with a PUT. s follows the session.
func (r *registry) uploadChunked(ctx context.Context, to reference.Ref, s *upload, b blobCopy) error {
	body, err := b.open(ctx)
	if err != nil {
		return err
	}
	defer body.Close()
	chunk := make([]byte, min(max(s.chunk, defaultChunk), max(b.desc.Size, 1)))
	for offset := int64(0); offset < b.desc.Size; {
		n, err := io.ReadFull(body, chunk[:min(int64(len(chunk)), b.desc.Size-offset)])
		if err != nil {
			return fmt.Errorf("reading blob %s: %w", b.desc.Digest, err)
		}
		if s.at, err = r.patch(ctx, to, *s, offset, chunk[:n]); err != nil {
			return err
		}
		offset += int64(n)
	}
	// The end of the stream is where size and digest are compared.
	if _, err := io.Copy(io.Discard, body); err != nil {
		return fmt.Errorf("reading blob %s: %w", b.desc.Digest, err)
	}
	req, err := s.request(ctx, to, http.MethodPut, b.desc.Digest.String())
	if err != nil {
		return err
	}
	return r.closeUpload(ctx, to, b, req)
}

// patch sends one chunk and returns the next URL of the session, the current one on
// an error.
func (r *registry) patch(ctx context.Context, to reference.Ref, s upload, offset int64, chunk []byte) (*url.URL, error) {
	req, err := s.request(ctx, to, http.MethodPatch, "")
	if err != nil {
		return s.at, err
	}
	req.ContentLength = int64(len(chunk))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(chunk)), nil }
	req.Body, _ = req.GetBody()
	req.Header.Set("Content-Range", fmt.Sprintf("%d-%d", offset, offset+int64(len(chunk))-1))
	resp, err := r.do(req, http.StatusAccepted, http.StatusNoContent)
	if err != nil {
		return s.at, err
	}
	next, err := location(resp)
	if err != nil {
		return s.at, err
	}
	return next, nil
}
