package store

import (
	"context"
	_ "crypto/sha512" // the image-spec also registers sha384 and sha512
	"errors"
	"fmt"
	"io"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
)

// verifyingReader is a stream that fails at its end unless its bytes have the size
// and the digest of its descriptor.
type verifyingReader struct {
	body io.ReadCloser
	desc ocispec.Descriptor
	hash digest.Verifier
	read int64
	// storage is what has the blob on this machine: layout or archive.
	storage string
}

// verify wraps a stream; it fails at once for an unknown digest algorithm.
func verify(body io.ReadCloser, desc ocispec.Descriptor) (*verifyingReader, error) {
	if err := desc.Digest.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", desc.Digest, err)
	}
	return &verifyingReader{body: body, desc: desc, hash: desc.Digest.Verifier()}, nil
}

// Read returns the last bytes only after all of them were compared, so that a
// caller that forwards the stream never completes it with wrong bytes.
func (v *verifyingReader) Read(p []byte) (int, error) {
	n, err := v.body.Read(p)
	v.read += int64(n)
	_, _ = v.hash.Write(p[:n])
	switch {
	case v.read > v.desc.Size:
		return 0, v.mismatch("size", fmt.Errorf("%s is longer than its %d bytes", v.desc.Digest, v.desc.Size))
	case v.read == v.desc.Size && !v.hash.Verified():
		return 0, v.mismatch("digest", fmt.Errorf("%s: the bytes received%s have another digest", v.desc.Digest, v.source()))
	case err == io.EOF && v.read < v.desc.Size:
		return n, v.mismatch("size", fmt.Errorf("%s ended after %d of %d bytes: %w", v.desc.Digest, v.read, v.desc.Size, io.ErrUnexpectedEOF))
	}
	return n, err
}

// source names the sender of the bytes, if it is known.
func (v *verifyingReader) source() string {
	if blob, ok := v.body.(*resumingReader); ok {
		return " from " + blob.source.Host()
	}
	return ""
}

func (v *verifyingReader) Close() error { return v.body.Close() }

func (v *verifyingReader) mismatch(field string, err error) error {
	return &MismatchError{Field: field, Storage: v.storage, Err: err}
}

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
