package store

import (
	// Digests other than sha256 that the image-spec registers.
	_ "crypto/sha512"
	"fmt"
	"io"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// verifyingReader is a stream that fails at its end unless its bytes have the size
// and the digest of its descriptor.
type verifyingReader struct {
	body io.ReadCloser
	desc ocispec.Descriptor
	hash digest.Verifier
	read int64
}

// verify wraps a stream; it fails at once for an unknown digest algorithm.
func verify(body io.ReadCloser, desc ocispec.Descriptor) (io.ReadCloser, error) {
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
	return &MismatchError{Field: field, Err: err}
}
