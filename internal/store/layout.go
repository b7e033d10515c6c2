package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/mediatype"
	"manifest-tool/internal/store/transport"
)

// layoutReader implements reading of OCI layouts (image-spec, "OCI Image Layout"),
// whatever holds their files: a directory or an archive.
type layoutReader struct {
	// openFiles opens the layout of a reference.
	openFiles func(ctx context.Context, ref reference.Ref) (layoutFiles, error)
}

// layoutFiles are the files of one layout.
type layoutFiles interface {
	io.Closer
	// open opens a file by its name in the layout, with slashes. The error is
	// fs.ErrNotExist if there is no such file.
	open(ctx context.Context, name string) (layoutFile, error)
}

// layoutFile is an open file of a layout.
type layoutFile interface {
	io.ReadCloser
	// size is the size in bytes.
	size() (int64, error)
	// readPart reads part of the file, or fails with ErrNoRange.
	readPart(part []byte, offset int64) error
}

// NotCreatedError reports that a layout, its index.json, or an archive does not exist
// yet. A write creates it.
type NotCreatedError struct{ Err error }

func (e *NotCreatedError) Error() string { return e.Err.Error() }

// Unwrap returns the error of the file system.
func (e *NotCreatedError) Unwrap() error { return e.Err }

// noPathError reports that the file of an archive or the directory of a layout does not
// exist. It matches ErrNotFound, as the error for a repository that does not exist does.
type noPathError struct{ err error }

func (e *noPathError) Error() string { return e.err.Error() }
func (e *noPathError) Unwrap() error { return e.err }

// Is reports whether the error is ErrNotFound.
func (*noPathError) Is(target error) bool { return target == ErrNotFound }

func (layoutReader) announce(reference.Ref, bool) {}

func (l layoutReader) head(ctx context.Context, ref reference.Ref) (ocispec.Descriptor, error) {
	o, err := l.get(ctx, ref)
	return o.Descriptor, err
}

func (l layoutReader) get(ctx context.Context, ref reference.Ref) (Document, error) {
	files, err := l.openFiles(ctx, ref)
	if err != nil {
		return Document{}, notCreated(err)
	}
	defer files.Close()
	desc := ocispec.Descriptor{Digest: ref.Digest}
	if ref.Digest == "" {
		index, err := readIndex(ctx, files)
		if err != nil {
			return Document{}, notCreated(withoutFile(fmt.Errorf("%s: %w", ref, err)))
		}
		if index.isImageIndex(ref) {
			return readLayoutDocument(ref, "", index.text, ocispec.Descriptor{})
		}
		if desc, err = index.find(ctx, ref, manifestsOf(ctx, files)); err != nil {
			return Document{}, fmt.Errorf("%s: %w", ref, err)
		}
	}
	raw, err := readBounded(ctx, files, blobPath(desc.Digest))
	if errors.Is(err, fs.ErrNotExist) {
		return Document{}, missingManifest(ref, desc.Digest)
	}
	if err != nil {
		return Document{}, fmt.Errorf("%s: %w", ref, err)
	}
	return readLayoutDocument(ref, desc.MediaType, raw, desc)
}

// missingManifest is the error for a manifest without a file. A reference without a
// digest got it from index.json.
func missingManifest(ref reference.Ref, d digest.Digest) error {
	if ref.Digest == "" {
		return &damagedError{ref, fmt.Errorf("%s: manifest %s, which %s lists: %w", ref, d, ocispec.ImageIndexFile, ErrNotFound)}
	}
	return errtext.WithHint(fmt.Errorf("%s: %w", ref, ErrNotFound), "check the digest; if an image or index lists it, "+damagedHint(ref.Storage()))
}

// manifestsOf reads manifests of a layout by digest.
func manifestsOf(ctx context.Context, files layoutFiles) blobReader {
	return func(d digest.Digest) ([]byte, error) {
		if err := d.Validate(); err != nil {
			return nil, err
		}
		return readBounded(ctx, files, blobPath(d))
	}
}

// readLayoutDocument makes a document of the bytes of a blob, or of index.json: desc
// is empty then.
func readLayoutDocument(ref reference.Ref, mediaType string, raw []byte, desc ocispec.Descriptor) (Document, error) {
	o, err := newDocument(mediaType, raw, desc.Digest)
	var mismatch *MismatchError
	switch {
	case errors.Is(err, mediatype.ErrNotAManifest):
		err = &layoutDocumentError{Storage: ref.Storage(), Err: err}
	case errors.As(err, &mismatch):
		mismatch.Storage = ref.Storage()
	case err == nil && ref.Digest == "" && desc.Digest != "" && desc.Size != o.Descriptor.Size:
		err = &MismatchError{Field: "size", Storage: ref.Storage(), Err: fmt.Errorf("its entry in %s has a size of %d bytes, it has %d", ocispec.ImageIndexFile, desc.Size, o.Descriptor.Size)}
	}
	if err != nil {
		return Document{}, fmt.Errorf("%s: %w", ref, err)
	}
	return o, nil
}

// notCreated makes a file that does not exist a *NotCreatedError.
func notCreated(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &NotCreatedError{err}
	}
	return err
}

// readBounded reads a file of a layout. Reads from a disk do not end by themselves when
// a run is interrupted, so that a run with many of them ends here.
func readBounded(ctx context.Context, files layoutFiles, name string) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	f, err := files.open(ctx, name)
	if err != nil {
		return nil, errtext.FileError(err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, transport.MaxManifest+1))
	if err == nil && len(raw) > transport.MaxManifest {
		err = &transport.TooLargeError{What: name, Limit: transport.MaxManifest}
	}
	return raw, errtext.FileError(err)
}
