package store

import (
	"context"
	"fmt"
	"io"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
)

// ErrReadOnly is returned for a write to a kind of storage that can only be read.
var ErrReadOnly error = readOnlyError{}

// readOnlyError is the type of ErrReadOnly.
type readOnlyError struct{}

func (readOnlyError) Error() string { return "it can only be read" }

// ExitCode is that of bad input.
func (readOnlyError) ExitCode() int { return 2 }

// Hint says what the user can do.
func (readOnlyError) Hint() string {
	return "a Docker archive cannot hold an index: write an OCI archive, oci-archive://FILE:TAG, or a layout, oci-layout://DIR:TAG"
}

// reader is the read half of a kind of storage. Every kind has one file (or
// several with one prefix) and one entry in New; nothing else depends on the kind.
type reader interface {
	// announce notes that a reference will be read, or written as well.
	announce(ref reference.Ref, write bool)
	capabilities() Capabilities
	// get fetches a manifest; ErrNotFound if there is none.
	get(ctx context.Context, ref reference.Ref) (Document, error)
	// head is get without the bytes, if the storage can do that.
	head(ctx context.Context, ref reference.Ref) (ocispec.Descriptor, error)
	// open streams a blob, unverified.
	open(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (io.ReadCloser, error)
	// headBlob returns the size of a blob, -1 if it is unknown; ErrNotFound if
	// there is no such blob.
	headBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (size int64, err error)
	// readAt reads part of a blob, or fails with ErrNoRange.
	readAt(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor, offset, length int64) ([]byte, error)
	tags(ctx context.Context, ref reference.Ref) ([]string, error)
	// untagged lists the manifests that are listed without a tag.
	untagged(ctx context.Context, ref reference.Ref) ([]digest.Digest, error)
	referrers(ctx context.Context, ref reference.Ref) ([]ocispec.Descriptor, error)
}

// writer is the write half. A kind that does not implement it is read-only.
type writer interface {
	reader
	// put stores a manifest under the tag or the digest of ref.
	put(ctx context.Context, ref reference.Ref, o Document) error
	// putTags stores a manifest under several tags of ref's repository and
	// returns one result per tag, in the same order. With expected set it writes
	// only if ref's tag has that digest ("" for no such tag).
	putTags(ctx context.Context, ref reference.Ref, tags []string, o Document, expected *digest.Digest) []TagStatus
	// storeBlob makes a blob present.
	storeBlob(ctx context.Context, to reference.Ref, b blobCopy) error
}

// targetChecker is a writer to which some references cannot be written.
type targetChecker interface {
	checkTarget(ctx context.Context, ref reference.Ref) error
}

// Capabilities are the properties of a kind of storage that callers depend on.
// The zero value is the least of each.
type Capabilities struct {
	// CompareAndSet is set if CompareAndPutTags compares and writes all tags in one
	// step. If not, the tag is read before the write and may change in between.
	CompareAndSet bool
	// ChecksChildren is set if the storage accepts an index only together with
	// its children and keeps them, so that an index that exists is complete.
	ChecksChildren bool
}

// Capabilities returns the properties of the storage that a reference points to.
func (s *Store) Capabilities(ref reference.Ref) Capabilities {
	b, err := s.readerFor(ref)
	if err != nil {
		return Capabilities{}
	}
	return b.capabilities()
}

// CheckTarget returns an error for a reference that cannot be written: ErrReadOnly for
// its kind, or what is wrong with a file on this machine. It sends no request.
func (s *Store) CheckTarget(ctx context.Context, ref reference.Ref) error {
	w, err := s.writerFor(ref)
	if err != nil {
		return err
	}
	if c, ok := w.(targetChecker); ok {
		return c.checkTarget(ctx, ref)
	}
	return nil
}

// readerFor and writerFor are the router: nothing else depends on the kind of a
// reference.
func (s *Store) readerFor(ref reference.Ref) (reader, error) {
	if err := s.registry.checkBlocked(s.registry.expand(ref)); err != nil {
		return nil, err
	}
	b, ok := s.backends[ref.Kind]
	if !ok {
		return nil, fmt.Errorf("%s: references of the kind %s are not supported", ref, ref.Kind)
	}
	return b, nil
}

func (s *Store) writerFor(ref reference.Ref) (writer, error) {
	b, err := s.readerFor(ref)
	if err != nil {
		return nil, err
	}
	w, ok := b.(writer)
	if !ok {
		return nil, fmt.Errorf("writing to %s: %w", ref, ErrReadOnly)
	}
	return w, nil
}
