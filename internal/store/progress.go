package store

import (
	"errors"
	"io"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/progress"
	"manifest-tool/internal/reference"
)

// startCopy counts a blob that is copied; nil if progress is not shown.
func (s *Store) startCopy(from, to reference.Ref, desc ocispec.Descriptor) *progress.Blob {
	if s.progress == nil {
		return nil
	}
	return s.progress.Start(progress.Transfer{
		Action: progress.ActionCopy, Digest: desc.Digest, Size: desc.Size,
		From: from.WithTag("").String(), To: to.WithTag("").String(),
	})
}

// startRead counts size bytes of a blob that are read; nil if progress is not shown.
func (s *Store) startRead(from reference.Ref, desc ocispec.Descriptor, size int64, part bool) *progress.Blob {
	if s.progress == nil {
		return nil
	}
	return s.progress.Start(progress.Transfer{
		Action: progress.ActionRead, Digest: desc.Digest, Size: size, Part: part, From: from.WithTag("").String(),
	})
}

// countingReader is a stream of a blob from its beginning.
type countingReader struct {
	io.ReadCloser
	blob *progress.Blob
	read int64
	// err is what ended the stream before its end.
	err error
}

// count wraps a stream of a blob that someone else ends.
func count(body io.ReadCloser, blob *progress.Blob) io.ReadCloser {
	if blob == nil || body == nil {
		return body
	}
	return &countingReader{ReadCloser: body, blob: blob}
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.read += int64(n)
	c.blob.Reached(c.read)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// countedRead is a countingReader whose blob ends when it is closed.
type countedRead struct{ countingReader }

func countRead(body io.ReadCloser, blob *progress.Blob) io.ReadCloser {
	if blob == nil {
		return body
	}
	return &countedRead{countingReader{ReadCloser: body, blob: blob}}
}

func (c *countedRead) Close() error {
	c.blob.End(c.err)
	return c.ReadCloser.Close()
}
