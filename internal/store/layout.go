package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

const layoutVersion = "1.0.0"

// layout implements storage in OCI layouts on disk (image-spec, "OCI Image
// Layout"). ggcr's package of that name writes files in place; here no partially
// written file ever has its final name.
type layout struct {
	// writing serializes changes of index.json.
	writing *sync.Mutex
}

// NotCreatedError reports that a layout, or its index.json, does not exist yet. A
// write creates it.
type NotCreatedError struct{ Err error }

func (e *NotCreatedError) Error() string { return e.Err.Error() }

// Unwrap returns the error of the file system.
func (e *NotCreatedError) Unwrap() error { return e.Err }

func (layout) announce(reference.Ref, bool) {}

// capabilities: writers lock the layout, and nothing keeps others from deleting
// the blobs of an index.
func (layout) capabilities() Capabilities { return Capabilities{CompareAndSet: true} }

// openLayout opens a layout for reading. Links to files outside of it are not
// followed.
func openLayout(ref reference.Ref) (*os.Root, error) {
	root, err := os.OpenRoot(ref.Path)
	if err != nil {
		failed := fmt.Errorf("%s: %w", ref, errtext.WithoutPath(err))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, errtext.WithHint(failed, noLayoutHint)
		}
		return nil, failed
	}
	if _, err := root.Stat(ocispec.ImageLayoutFile); err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("%s: it is not an OCI layout, its file %s: %w", ref, ocispec.ImageLayoutFile, errtext.WithoutPath(err))
	}
	return root, nil
}

func (l layout) head(ctx context.Context, ref reference.Ref) (ocispec.Descriptor, error) {
	o, err := l.get(ctx, ref)
	return o.Descriptor, err
}

func (layout) get(ctx context.Context, ref reference.Ref) (Document, error) {
	root, err := openLayout(ref)
	if err != nil {
		return Document{}, notCreated(err)
	}
	defer root.Close()
	desc := ocispec.Descriptor{Digest: ref.Digest}
	if ref.Digest == "" {
		index, err := readIndex(root)
		if err != nil {
			return Document{}, notCreated(fmt.Errorf("%s: %w", ref, err))
		}
		if index.isImageIndex(ref) {
			return readLayoutDocument(ref, "", index.text, ocispec.Descriptor{})
		}
		if desc, err = index.find(ctx, ref, manifestsOf(root)); err != nil {
			return Document{}, fmt.Errorf("%s: %w", ref, err)
		}
	}
	raw, err := readBounded(root, blobPath(desc.Digest))
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
		err := fmt.Errorf("%s: manifest %s, which %s lists: %w", ref, d, ocispec.ImageIndexFile, ErrNotFound)
		return errtext.WithHint(err, damagedHint)
	}
	return errtext.WithHint(fmt.Errorf("%s: %w", ref, ErrNotFound), "check the digest; if an image or index of the layout lists it, "+damagedHint)
}

// manifestsOf reads manifests of a layout by digest.
func manifestsOf(root *os.Root) blobReader {
	return func(d digest.Digest) ([]byte, error) {
		if err := d.Validate(); err != nil {
			return nil, err
		}
		return readBounded(root, blobPath(d))
	}
}

// readLayoutDocument makes a document of the bytes of a blob, or of index.json: desc
// is empty then.
func readLayoutDocument(ref reference.Ref, mediaType string, raw []byte, desc ocispec.Descriptor) (Document, error) {
	o, err := newDocument(mediaType, raw, desc.Digest)
	switch {
	case errors.Is(err, ErrNotAManifest):
		err = &layoutDocumentError{err}
	case err == nil && ref.Digest == "" && desc.Digest != "" && desc.Size != o.Descriptor.Size:
		err = &MismatchError{Field: "size", Err: fmt.Errorf("its entry in %s has a size of %d bytes, it has %d", ocispec.ImageIndexFile, desc.Size, o.Descriptor.Size)}
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

func readBounded(root *os.Root, name string) ([]byte, error) {
	f, err := openInside(root, name)
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
