package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
)

func (l layout) open(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (io.ReadCloser, error) {
	return l.openFile(ctx, ref, desc)
}

func (layout) openFile(_ context.Context, ref reference.Ref, desc ocispec.Descriptor) (*os.File, error) {
	if err := desc.Digest.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	root, err := openLayout(ref)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := openInside(root, blobPath(desc.Digest))
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", blobName{ref, desc.Digest}, errtext.WithoutPath(err))
	}
	return f, nil
}

func blobPath(d digest.Digest) string {
	return path.Join(ocispec.ImageBlobsDir, d.Algorithm().String(), d.Encoded())
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
