package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// ErrNoRange is the answer of a place that sends a blob whole or not at all.
var ErrNoRange = errors.New("the registry does not send parts of blobs")

// MaxPart bounds what ReadBlobAt returns, in bytes.
const MaxPart = 64 << 20

// HeadBlob asks whether a blob exists and returns its size in bytes, -1 where
// the place does not tell. No byte is read or hashed. The error is ErrNotFound
// where the place has no such blob.
func (s *Store) HeadBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (int64, error) {
	if err := desc.Digest.Validate(); err != nil {
		return 0, fmt.Errorf("%s: digest %q: %w", ref, desc.Digest, err)
	}
	return s.place(ref).headBlob(ctx, ref, desc)
}

// OpenBlob reads a blob from its beginning. The stream fails at its end, with a
// *MismatchError, unless it had the size and the digest of the descriptor: what
// was read before that end is not verified.
func (s *Store) OpenBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (io.ReadCloser, error) {
	return s.openVerified(ctx, ref, desc)
}

// ReadBlobAt reads the length bytes of a blob that begin at offset, at most
// MaxPart. They are not verified: a digest is of the whole. The error is
// ErrNoRange where the place cannot send a part; nothing was read then.
func (s *Store) ReadBlobAt(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor, offset, length int64) ([]byte, error) {
	if err := desc.Digest.Validate(); err != nil {
		return nil, fmt.Errorf("%s: digest %q: %w", ref, desc.Digest, err)
	}
	if offset < 0 || length <= 0 || length > MaxPart || offset > desc.Size-length {
		return nil, fmt.Errorf("%s: %d bytes at %d are not within its %d, or more than %d", blobName{ref, desc.Digest}, length, offset, desc.Size, MaxPart)
	}
	return s.place(ref).readAt(ctx, ref, desc, offset, length)
}

func (r *registry) headBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, requestURL(ref, "blobs", desc.Digest.String()).String(), nil)
	if err != nil {
		return 0, err
	}
	// A size is of the bytes as they are stored.
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := r.do(req, http.StatusOK)
	if err != nil {
		return 0, readError(blobName{ref, desc.Digest}, err)
	}
	return resp.ContentLength, nil
}

func (r *registry) readAt(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor, offset, length int64) ([]byte, error) {
	what := blobName{ref, desc.Digest}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, requestURL(ref, "blobs", desc.Digest.String()).String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	resp, err := r.client.Do(req) //nolint:bodyclose // Discard closes it
	if err != nil {
		return nil, readError(what, err)
	}
	defer transport.Discard(resp)
	if err := isPart(resp, offset, length); err != nil {
		return nil, readError(what, err)
	}
	part := make([]byte, length)
	if _, err := io.ReadFull(resp.Body, part); err != nil {
		return nil, readError(what, unexpectedEOF(err))
	}
	return part, nil
}

// isPart reports whether an answer is the part that was asked for. A whole blob
// is not read for the sake of a part.
func isPart(resp *http.Response, offset, length int64) error {
	switch resp.StatusCode {
	case http.StatusOK, http.StatusRequestedRangeNotSatisfiable:
		return ErrNoRange
	}
	if err := transport.CheckResponse(resp, http.StatusPartialContent); err != nil {
		return err
	}
	want := fmt.Sprintf("bytes %d-%d/", offset, offset+length-1)
	if said := resp.Header.Get("Content-Range"); !strings.HasPrefix(said, want) {
		return fmt.Errorf("asked for %s, got %q", want, said)
	}
	return nil
}

func (l layout) headBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (int64, error) {
	f, err := l.openFile(ctx, ref, desc)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", blobName{ref, desc.Digest}, err)
	}
	return info.Size(), nil
}

func (l layout) readAt(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor, offset, length int64) ([]byte, error) {
	f, err := l.openFile(ctx, ref, desc)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	part := make([]byte, length)
	if _, err := f.ReadAt(part, offset); err != nil {
		return nil, fmt.Errorf("%s: %w", blobName{ref, desc.Digest}, unexpectedEOF(err))
	}
	return part, nil
}
