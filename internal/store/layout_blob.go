package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

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
		return nil, errtext.WithHint(fmt.Errorf("%s: %w", blobName{ref, desc.Digest}, ErrNotFound), damagedHint)
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

// errLinkOutside is returned for a file of a layout that is a link to a file outside
// of it, as Bazel writes them. Such links are not followed: a layout may come from
// anyone, and could name any file of this machine.
var errLinkOutside = errtext.WithHint(errors.New("a symbolic link leads out of the layout"),
	"copy the layout with the files that its links name, as with cp -RL DIR COPY")

// openInside opens a file of a layout.
func openInside(root *os.Root, name string) (*os.File, error) {
	f, err := root.Open(filepath.FromSlash(name))
	if err != nil && leadsOutside(root.Name(), name) {
		return nil, &os.PathError{Op: "open", Path: name, Err: errLinkOutside}
	}
	return f, err
}

// leadsOutside reports whether a file exists and is not below dir, after links.
func leadsOutside(dir, name string) bool {
	top, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false
	}
	file, err := filepath.EvalSymlinks(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return false
	}
	if top, err = filepath.Abs(top); err == nil {
		file, err = filepath.Abs(file)
	}
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(top, file)
	return err != nil || !filepath.IsLocal(rel)
}
