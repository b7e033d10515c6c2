package store

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// ErrNoRange is returned by ReadBlobAt if the source serves only whole blobs.
var ErrNoRange = errors.New("the registry does not serve parts of blobs")

// MaxPart bounds the result of ReadBlobAt, in bytes.
const MaxPart = 64 << 20

// Get fetches the manifest or index that a reference names. Its digest is
// computed from the bytes and compared with that of the reference, if it has
// one. The error is ErrNotFound if there is no such manifest.
func (s *Store) Get(ctx context.Context, ref reference.Ref) (Document, error) {
	b, err := s.readerOfManifest(ref)
	if err != nil {
		return Document{}, err
	}
	return b.get(ctx, ref)
}

// Head resolves a reference without fetching the manifest. Media type, digest and
// size are as reported: no byte was hashed. A registry that does not respond to
// HEAD in full receives a GET.
func (s *Store) Head(ctx context.Context, ref reference.Ref) (ocispec.Descriptor, error) {
	b, err := s.readerOfManifest(ref)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	return b.head(ctx, ref)
}

// Tags lists the tags of ref's repository or layout, in no order and unchecked:
// a registry may list strings that are not valid tags. At most maxPages pages are
// read (distribution-spec, "Listing Tags"). The error is ErrNotFound if there is
// no such repository.
func (s *Store) Tags(ctx context.Context, ref reference.Ref) ([]string, error) {
	b, err := s.readerFor(ref)
	if err != nil {
		return nil, err
	}
	return b.tags(ctx, ref)
}

// Untagged lists the manifests that a layout lists without a tag. A registry lists
// only tags.
func (s *Store) Untagged(ctx context.Context, ref reference.Ref) ([]digest.Digest, error) {
	b, err := s.readerFor(ref)
	if err != nil {
		return nil, err
	}
	return b.untagged(ctx, ref)
}

// Referrers lists the manifests that have ref's digest as their subject, as
// their source describes them (distribution-spec, "Listing Referrers"). For a
// registry without that API it reads the tag that clients maintain instead
// ("Referrers Tag Schema"). The result may be empty.
func (s *Store) Referrers(ctx context.Context, ref reference.Ref) ([]ocispec.Descriptor, error) {
	b, err := s.readerOfManifest(ref)
	if err != nil {
		return nil, err
	}
	return b.referrers(ctx, ref)
}

// HeadBlob reports whether a blob exists and returns its size in bytes, -1 if the
// source does not report it. No byte is read or hashed. The error is ErrNotFound
// if there is no such blob.
func (s *Store) HeadBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (int64, error) {
	b, err := s.readerOfBlob(ref, desc)
	if err != nil {
		return 0, err
	}
	return b.headBlob(ctx, ref, desc)
}

// OpenBlob streams a blob. The stream fails at its end, with a *MismatchError,
// unless size and digest are those of the descriptor: what was read before that
// end is not verified.
func (s *Store) OpenBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (io.ReadCloser, error) {
	counter := s.startRead(ref, desc, desc.Size, false)
	body, err := s.openBlob(ctx, ref, desc)
	if err != nil {
		counter.End(err)
		return nil, err
	}
	return countRead(body, counter), nil
}

// openBlob is OpenBlob for content whose progress is not shown, or counted elsewhere.
func (s *Store) openBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (io.ReadCloser, error) {
	b, err := s.readerOfBlob(ref, desc)
	if err != nil {
		return nil, err
	}
	body, err := b.open(ctx, ref, desc)
	if err != nil {
		return nil, err
	}
	checked, err := verify(body, desc)
	if err != nil {
		return nil, errors.Join(err, body.Close())
	}
	if ref.Host() == "" {
		checked.storage = ref.Storage()
	}
	return checked, nil
}

// ReadBlob reads a small blob, such as a config, into memory and verifies it. Its
// size is bounded by transport.MaxManifest.
func (s *Store) ReadBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) ([]byte, error) {
	if desc.Size < 0 || desc.Size > transport.MaxManifest {
		return nil, fmt.Errorf("blob %s of %s: a size of %d bytes is beyond the limit of %d", desc.Digest, ref, desc.Size, transport.MaxManifest)
	}
	body, err := s.openBlob(ctx, ref, desc)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	raw, err := io.ReadAll(body)
	if err != nil {
		return nil, fmt.Errorf("blob %s of %s: %w", desc.Digest, ref, err)
	}
	return raw, nil
}

// ReadBlobAt reads length bytes of a blob, at most MaxPart, from offset. They are
// not verified, since the digest covers the whole blob. The error is ErrNoRange if
// the source cannot serve a part; no byte was read then.
func (s *Store) ReadBlobAt(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor, offset, length int64) ([]byte, error) {
	b, err := s.readerOfBlob(ref, desc)
	if err != nil {
		return nil, err
	}
	if offset < 0 || length <= 0 || length > MaxPart || offset > desc.Size-length {
		return nil, fmt.Errorf("%s: %d bytes at %d are not within its %d, or more than %d", blobName{ref, desc.Digest}, length, offset, desc.Size, MaxPart)
	}
	counter := s.startRead(ref, desc, length, true)
	part, err := b.readAt(ctx, ref, desc, offset, length)
	counter.Reached(int64(len(part)))
	counter.End(err)
	return part, err
}

func (s *Store) readerOfManifest(ref reference.Ref) (reader, error) {
	if err := ref.CheckDigest(); err != nil {
		return nil, err
	}
	return s.readerFor(ref)
}

func (s *Store) readerOfBlob(ref reference.Ref, desc ocispec.Descriptor) (reader, error) {
	if err := desc.Digest.Validate(); err != nil {
		return nil, fmt.Errorf("%s: digest %q: %w", ref, desc.Digest, err)
	}
	return s.readerFor(ref)
}
