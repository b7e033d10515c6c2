package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
)

func (l layoutReader) open(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (io.ReadCloser, error) {
	return l.openBlob(ctx, ref, desc)
}

// openBlob opens the file of a blob. The file stays open when the layout is closed.
func (l layoutReader) openBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (layoutFile, error) {
	if err := desc.Digest.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	files, err := l.openFiles(ctx, ref)
	if err != nil {
		return nil, err
	}
	defer files.Close()
	f, err := files.open(ctx, blobPath(desc.Digest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &damagedError{ref, fmt.Errorf("%s: %w", blobName{ref, desc.Digest}, ErrNotFound)}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", blobName{ref, desc.Digest}, errtext.WithoutPath(err))
	}
	return f, nil
}

func blobPath(d digest.Digest) string {
	return path.Join(ocispec.ImageBlobsDir, d.Algorithm().String(), d.Encoded())
}

func (l layoutReader) headBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (int64, error) {
	f, err := l.openBlob(ctx, ref, desc)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	size, err := f.size()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", blobName{ref, desc.Digest}, err)
	}
	return size, nil
}

func (l layoutReader) readAt(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor, offset, length int64) ([]byte, error) {
	f, err := l.openBlob(ctx, ref, desc)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	part := make([]byte, length)
	if err := f.readPart(part, offset); err != nil {
		return nil, fmt.Errorf("%s: %w", blobName{ref, desc.Digest}, unexpectedEOF(err))
	}
	return part, nil
}
