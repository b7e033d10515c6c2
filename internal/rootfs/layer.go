package rootfs

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
)

// Layer is one layer of an image, as its manifest describes it.
type Layer struct {
	Digest digest.Digest
	// Place distinguishes layers of one digest in different repositories: one of
	// them may be missing, or have other bytes.
	Place string
	// Size is the length of the blob in bytes.
	Size        int64
	MediaType   string
	Annotations map[string]string
	// Blob reads its bytes; nil if they are not distributed.
	Blob Blob
}

// Blob reads a layer's bytes.
type Blob interface {
	// Open reads from the beginning. The stream fails at its end unless its
	// size and digest are those of the layer.
	Open(ctx context.Context) (io.ReadCloser, error)
	// ReadAt reads a range, which is not verified. The error is ErrNoRange if
	// the blob can only be read as a whole.
	ReadAt(ctx context.Context, offset, length int64) ([]byte, error)
}

// ErrNoRange is the error of a Blob that can only be read as a whole.
var ErrNoRange = errors.New("parts of the blob cannot be read")

// ErrNotDistributed is the error of a layer whose bytes are not in the registry,
// such as the base layers of older Windows images.
var ErrNotDistributed = errors.New("the layer is not distributed")

// SourceError is a failure to fetch the bytes of a layer, as opposed to a failure
// to parse them.
type SourceError struct{ Err error }

func (e *SourceError) Error() string { return e.Err.Error() }

// Unwrap returns the Blob's error.
func (e *SourceError) Unwrap() error { return e.Err }

// LayerError is a failure to read a layer.
type LayerError struct {
	Digest digest.Digest
	Err    error
}

func (e *LayerError) Error() string { return "layer " + e.Digest.String() + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *LayerError) Unwrap() error { return e.Err }

// IsLayer reports whether a media type is that of a file system layer which is a tar
// archive, OCI's or Docker's. Layers in other forms (squashfs, EROFS, Nydus blobs,
// WebAssembly, encrypted archives) have types of their own. Source: image-spec,
// "layer.md"; Docker schema 2; ocicrypt, "Encrypted layers".
func IsLayer(mediaType string) bool {
	if !strings.HasPrefix(mediaType, "application/vnd.oci.image.layer.") && !strings.HasPrefix(mediaType, "application/vnd.docker.image.rootfs.") {
		return false
	}
	parts := strings.FieldsFunc(mediaType, func(r rune) bool { return r == '.' || r == '+' })
	return slices.Contains(parts, "tar") && !slices.Contains(parts, "encrypted")
}

// declaredCompression returns the compression that a layer's media type states.
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
