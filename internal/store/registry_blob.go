package store

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// blobRequest is a request for a blob as it is stored, which is what its size and
// digest refer to.
func blobRequest(ctx context.Context, method string, what blobName) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, requestURL(what.ref, "blobs", what.digest.String()).String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "identity")
	return req, nil
}

func (r *registry) headBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (int64, error) {
	what := blobName{ref, desc.Digest}
	size, err := r.blobSize(ctx, what)
	if err != nil {
		return 0, readError(what, err)
	}
	return size, nil
}

// blobSize requests the size of a blob by HEAD, or by GET from servers that refuse
// HEAD. Its errors are those of the transport.
func (r *registry) blobSize(ctx context.Context, what blobName) (int64, error) {
	req, err := blobRequest(ctx, http.MethodHead, what)
	if err != nil {
		return 0, err
	}
	resp, err := r.do(req, http.StatusOK)
	if isHeadRefused(err) {
		return r.blobSizeByGet(ctx, what)
	}
	if err != nil {
		return 0, err
	}
	return resp.ContentLength, nil
}

// isHeadRefused reports whether a GET may succeed after a HEAD that failed: some
// servers do not support HEAD, and an address that was signed for GET refuses it.
func isHeadRefused(err error) bool {
	switch status(err) {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	}
	return false
}

// blobSizeByGet requests the first byte, whose Content-Range has the size (RFC 9110,
// section 14.4). A server that does not support ranges sends the whole blob, which is
// not read.
func (r *registry) blobSizeByGet(ctx context.Context, what blobName) (int64, error) {
	req, err := blobRequest(ctx, http.MethodGet, what)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Range", "bytes=0-0")
	resp, err := r.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		return resp.ContentLength, nil
	}
	// An empty blob has no first byte.
	if err := transport.CheckResponse(resp, http.StatusPartialContent, http.StatusRequestedRangeNotSatisfiable); err != nil {
		return 0, err
	}
	_, total, _ := strings.Cut(resp.Header.Get("Content-Range"), "/")
	size, err := strconv.ParseInt(total, 10, 64)
	if err != nil || size < 0 {
		return -1, nil
	}
	return size, nil
}

func (r *registry) readAt(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor, offset, length int64) ([]byte, error) {
	what := blobName{ref, desc.Digest}
	req, err := blobRequest(ctx, http.MethodGet, what)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	resp, err := r.client.Do(req) //nolint:bodyclose // Discard closes it
	if err != nil {
		return nil, readError(what, err)
	}
	defer transport.Discard(resp)
	if err := checkPart(resp, offset, length); err != nil {
		return nil, readError(what, err)
	}
	part := make([]byte, length)
	if _, err := io.ReadFull(resp.Body, part); err != nil {
		return nil, readError(what, unexpectedEOF(err))
	}
	return part, nil
}

// checkPart returns nil if a response is the requested part. A whole blob is not
// read to get a part of it.
func checkPart(resp *http.Response, offset, length int64) error {
	switch resp.StatusCode {
	case http.StatusOK, http.StatusRequestedRangeNotSatisfiable:
		return ErrNoRange
	}
	if err := transport.CheckResponse(resp, http.StatusPartialContent); err != nil {
		return err
	}
	want := fmt.Sprintf("bytes %d-%d/", offset, offset+length-1)
	if said := resp.Header.Get("Content-Range"); !strings.HasPrefix(said, want) {
		return fmt.Errorf("requested %s, got %q", want, said)
	}
	return nil
}

// fetchFrom requests a blob from an offset and returns the offset at which the
// response begins: that one, or 0 from a server that does not support ranges.
type fetchFrom func(ctx context.Context, offset int64) (body io.ReadCloser, begins int64, err error)

func (r *registry) getBlobFrom(what blobName) fetchFrom {
	return func(ctx context.Context, offset int64) (io.ReadCloser, int64, error) {
		req, err := blobRequest(ctx, http.MethodGet, what)
		if err != nil {
			return nil, 0, err
		}
		if offset > 0 {
			req.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
		}
		resp, err := r.client.Do(req)
		if err != nil {
			return nil, 0, readError(what, err)
		}
		if offset > 0 && resp.StatusCode == http.StatusRequestedRangeNotSatisfiable {
			// Some registries support only ranges that have an end.
			transport.Discard(resp)
			return r.getBlobFrom(what)(ctx, 0)
		}
		begins, err := contentStart(resp, offset)
		if err != nil {
			transport.Discard(resp)
			return nil, 0, readError(what, err)
		}
		return resp.Body, begins, nil
	}
}

// contentStart returns the offset at which a response begins (RFC 9110, section
// 14.4).
func contentStart(resp *http.Response, offset int64) (int64, error) {
	if err := transport.CheckResponse(resp, http.StatusOK, http.StatusPartialContent); err != nil {
		return 0, err
	}
	if resp.StatusCode == http.StatusOK {
		return 0, nil
	}
	said := resp.Header.Get("Content-Range")
	if !strings.HasPrefix(said, fmt.Sprintf("bytes %d-", offset)) {
		return 0, fmt.Errorf("requested the bytes from %d on, got %q", offset, said)
	}
	return offset, nil
}
