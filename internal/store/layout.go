package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

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
		return nil, fmt.Errorf("%s: %w", ref, errtext.WithoutPath(err))
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

func (layout) get(_ context.Context, ref reference.Ref) (Document, error) {
	root, err := openLayout(ref)
	if err != nil {
		return Document{}, notCreated(err)
	}
	defer root.Close()
	desc, err := lookup(root, ref)
	if err != nil {
		return Document{}, notCreated(err)
	}
	raw, err := readBounded(root, blobPath(desc.Digest))
	if errors.Is(err, fs.ErrNotExist) {
		return Document{}, fmt.Errorf("%s: %w", ref, ErrNotFound)
	}
	if err != nil {
		return Document{}, fmt.Errorf("%s: %w", ref, err)
	}
	o, err := newDocument(desc.MediaType, raw, desc.Digest)
	switch {
	case errors.Is(err, ErrNotAManifest):
		err = &layoutDocumentError{err}
	case err == nil && ref.Digest == "" && desc.Size != o.Descriptor.Size:
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

// lookup resolves a reference in a layout: a digest names the blob, a tag the entry
// of index.json with that name.
func lookup(root *os.Root, ref reference.Ref) (ocispec.Descriptor, error) {
	if ref.Digest != "" {
		return ocispec.Descriptor{Digest: ref.Digest}, nil
	}
	index, err := readIndex(root)
	if err != nil {
		return ocispec.Descriptor{}, fmt.Errorf("%s: %w", ref, err)
	}
	i := slices.IndexFunc(index.Manifests, func(d ocispec.Descriptor) bool { return refName(d) == ref.Tag })
	if i < 0 {
		// Some tools write the tag alone, others the whole image name.
		i = slices.IndexFunc(index.Manifests, func(d ocispec.Descriptor) bool {
			return strings.HasSuffix(refName(d), ":"+ref.Tag)
		})
	}
	if i < 0 {
		return ocispec.Descriptor{}, fmt.Errorf("%s: %w", ref, ErrNotFound)
	}
	found := index.Manifests[i]
	if err := found.Digest.Validate(); err != nil {
		return ocispec.Descriptor{}, fmt.Errorf("%s: digest %q: %w", ref, found.Digest, err)
	}
	return found, nil
}

// refName is the name of an entry of index.json, "" if it has none.
func refName(d ocispec.Descriptor) string { return d.Annotations[ocispec.AnnotationRefName] }

func readIndex(root *os.Root) (ocispec.Index, error) {
	var index ocispec.Index
	raw, err := readBounded(root, ocispec.ImageIndexFile)
	if err != nil {
		return index, err
	}
	if err := json.Unmarshal(raw, &index); err != nil {
		return index, fmt.Errorf("reading %s: %w", ocispec.ImageIndexFile, errtext.DecodeError(raw, err))
	}
	return index, nil
}

func readBounded(root *os.Root, name string) ([]byte, error) {
	f, err := root.Open(name)
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
