package rootfs

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/opencontainers/go-digest"
)

// Layer is one layer of an image, as its manifest describes it.
type Layer struct {
	Digest digest.Digest
	// Place tells layers of one digest apart that lie in different places: one
	// of them may be missing, or have other bytes.
	Place string
	// Size is the length of the blob in bytes.
	Size        int64
	MediaType   string
	Annotations map[string]string
	// Blob is where its bytes lie; nil where they are not distributed.
	Blob Blob
}

// Blob is the place of a layer's bytes.
type Blob interface {
	// Open reads from the beginning. The stream fails at its end unless size
	// and digest were those of the layer.
	Open(ctx context.Context) (io.ReadCloser, error)
	// ReadAt reads a part, which is not verified. The error is ErrNoRange
	// where the place sends blobs whole only.
	ReadAt(ctx context.Context, offset, length int64) ([]byte, error)
}

// ErrNoRange is the answer of a Blob that is sent whole or not at all.
var ErrNoRange = errors.New("parts of the blob cannot be read")

// ErrNotDistributed is a layer whose bytes are not in the registry, as those of
// Windows once were.
var ErrNotDistributed = errors.New("the layer is not distributed")

// SourceError is a failure to get the bytes of a layer, as opposed to one to
// make sense of them.
type SourceError struct{ Err error }

func (e *SourceError) Error() string { return e.Err.Error() }

// Unwrap returns the Blob's error.
func (e *SourceError) Unwrap() error { return e.Err }

// LayerError says which layer a question could not be answered for.
type LayerError struct {
	Digest digest.Digest
	Err    error
}

func (e *LayerError) Error() string { return "layer " + e.Digest.String() + ": " + e.Err.Error() }

// Unwrap returns what is wrong with the layer.
func (e *LayerError) Unwrap() error { return e.Err }

// IsLayer reports whether a media type is that of a file system layer, in OCI's
// terms or in Docker's. Source: image-spec, "layer.md"; Docker schema 2.
func IsLayer(mediaType string) bool {
	return strings.HasPrefix(mediaType, "application/vnd.oci.image.layer.") ||
		strings.HasPrefix(mediaType, "application/vnd.docker.image.rootfs.")
}

// declaredCompression is what a layer's media type says about its bytes.
func declaredCompression(mediaType string) Compression {
	switch {
	case !IsLayer(mediaType):
		return ""
	case strings.HasSuffix(mediaType, "gzip"):
		return Gzip
	case strings.HasSuffix(mediaType, "zstd"):
		return Zstd
	}
	return None
}
