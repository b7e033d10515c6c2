package store

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/progress"
	"manifest-tool/internal/reference"
)

// TagStatus is the outcome of writing one tag: Err is nil if it was written.
type TagStatus struct {
	Tag string
	Err error
}

// sameResult returns one error, or nil, for all tags.
func sameResult(tags []string, err error) []TagStatus {
	var all []TagStatus
	for _, tag := range tags {
		all = append(all, TagStatus{tag, err})
	}
	return all
}

// TagMismatchError reports that a tag did not have the expected digest before the
// write, so that nothing was written.
type TagMismatchError struct {
	// Have is the digest of the tag, empty if there is no such tag.
	Have digest.Digest
}

func (e *TagMismatchError) Error() string {
	return fmt.Sprintf("the tag does not have the expected digest, but %q", e.Have)
}

// Put stores a manifest or index under the tag or digest of ref. The content it
// refers to must exist before.
func (s *Store) Put(ctx context.Context, ref reference.Ref, o Document) error {
	if err := ref.CheckDigest(); err != nil {
		return err
	}
	w, err := s.writerFor(ref)
	if err != nil {
		return err
	}
	return w.put(ctx, ref, o)
}

// PutTags stores a manifest under several tags of ref's repository and returns
// one result per tag, in the same order; a failed tag does not stop the others.
// In a registry that is one PUT per tag, in parallel, or a single one if
// RegistryConfig.TagParams is set. In a layout all tags are set in one step, or
// none.
func (s *Store) PutTags(ctx context.Context, ref reference.Ref, tags []string, o Document) []TagStatus {
	w, err := s.writerFor(ref)
	if err != nil {
		return sameResult(tags, err)
	}
	return w.putTags(ctx, ref, tags, o, nil)
}

// CompareAndPutTags is PutTags, provided that ref's tag has the expected digest
// ("" for no such tag); otherwise every error is a *TagMismatchError. Whether
// comparison and write are one step is Capabilities.CompareAndSet.
func (s *Store) CompareAndPutTags(ctx context.Context, ref reference.Ref, expected digest.Digest, tags []string, o Document) []TagStatus {
	w, err := s.writerFor(ref)
	if err != nil {
		return sameResult(tags, err)
	}
	return w.putTags(ctx, ref, tags, o, &expected)
}

// CopyHints is what the caller of CopyBlob knows about a blob, which saves
// requests. The zero value means nothing is known.
type CopyHints struct {
	// Content holds the bytes of the blob; nil means they have to be read.
	Content []byte
	// Absent means that the target is unlikely to have the blob: the source is
	// read without waiting for the target's response.
	Absent bool
	// Force uploads the blob without checking whether the target has it.
	Force bool
}

// blobCopy is one blob on its way from a source to a target.
type blobCopy struct {
	desc  ocispec.Descriptor
	from  reference.Ref
	hints CopyHints
	// sameHost is set if reading it may use connections to the target's registry.
	sameHost bool
	// open starts reading from the beginning; the bytes are verified.
	open func(context.Context) (io.ReadCloser, error)
	// counter counts what is read of it; nil without progress.
	counter *progress.Blob
}

// CopyBlob makes a blob of one repository or layout present in another: by a
// mount if both are in one registry, otherwise streamed in constant memory.
func (s *Store) CopyBlob(ctx context.Context, from, to reference.Ref, desc ocispec.Descriptor, known CopyHints) error {
	if from.SameRepository(to) {
		return nil
	}
	w, err := s.writerFor(to)
	if err != nil {
		return err
	}
	b := blobCopy{desc: desc, from: from, hints: known, counter: s.startCopy(from, to, desc)}
	b.open = func(ctx context.Context) (body io.ReadCloser, err error) {
		if known.Content != nil {
			body, err = verify(io.NopCloser(bytes.NewReader(known.Content)), desc)
		} else {
			body, err = s.openBlob(ctx, from, desc)
		}
		return count(body, b.counter), err
	}
	done, err := s.turn(ctx, b)
	if err == nil {
		err = w.storeBlob(ctx, to, b)
		done()
	}
	b.counter.End(err)
	if err != nil {
		return fmt.Errorf("copying blob %s from %s: %w", desc.Digest, from, err)
	}
	return nil
}

// orderedReader is a kind of storage whose blobs are copied one after the other.
type orderedReader interface {
	// turn waits until it is the turn of a blob. The caller calls done after it has
	// read the blob, and does not wait for another turn in between.
	turn(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (done func(), err error)
}

// turn waits until a blob may be read, if its source wants them read in some order.
func (s *Store) turn(ctx context.Context, b blobCopy) (done func(), err error) {
	source, err := s.readerFor(b.from)
	if err != nil {
		return nil, err
	}
	if ordered, ok := source.(orderedReader); ok && b.hints.Content == nil {
		return ordered.turn(ctx, b.from, b.desc)
	}
	return func() {}, nil
}
