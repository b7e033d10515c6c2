package manifest

import (
	"context"
	"io"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// Reader reads manifests and configs. *store.Store implements it.
type Reader interface {
	// Announce declares, before the first request, that ref will be read, or
	// written too, so that one token covers all requests.
	Announce(ref reference.Ref, write bool)
	// Get fetches and verifies a manifest; a missing one is store.ErrNotFound.
	Get(ctx context.Context, ref reference.Ref) (store.Document, error)
	// Head requests the descriptor of a manifest; it is not verified.
	Head(ctx context.Context, ref reference.Ref) (ocispec.Descriptor, error)
	// ReadBlob reads and verifies a whole blob, such as a config.
	ReadBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) ([]byte, error)
	// Tags lists the tags of ref's repository, in no order.
	Tags(ctx context.Context, ref reference.Ref) ([]string, error)
	// Untagged lists the manifests that a layout lists without a tag.
	Untagged(ctx context.Context, ref reference.Ref) ([]digest.Digest, error)
	// Referrers lists the manifests whose subject is ref's digest.
	Referrers(ctx context.Context, ref reference.Ref) ([]ocispec.Descriptor, error)
	// Warn reports something that was ignored or corrected, with its place. With
	// --strict it returns the message as an error instead.
	Warn(message string) error
}

// BlobReader is a Reader that can read layers. *store.Store implements it.
type BlobReader interface {
	Reader
	// HeadBlob requests the size of a blob, -1 if the registry does not send
	// it. A missing blob is store.ErrNotFound.
	HeadBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (int64, error)
	// OpenBlob reads a blob. The stream ends with a *store.MismatchError if the
	// bytes differ from desc.
	OpenBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (io.ReadCloser, error)
	// ReadBlobAt reads a part of a blob, unverified. The error is
	// store.ErrNoRange if the registry does not support ranges.
	ReadBlobAt(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor, offset, length int64) ([]byte, error)
}

// Writer is a BlobReader that can be pushed to. *store.Store implements it.
type Writer interface {
	BlobReader
	// CopyBlob copies a blob from one repository to another, unless it exists
	// there.
	CopyBlob(ctx context.Context, from, to reference.Ref, desc ocispec.Descriptor, known store.CopyHints) error
	// Put stores a manifest under the tag or digest of ref.
	Put(ctx context.Context, ref reference.Ref, o store.Document) error
	// PutTags stores a manifest under several tags and returns one result per
	// tag, in the same order.
	PutTags(ctx context.Context, ref reference.Ref, tags []string, o store.Document) []store.TagStatus
	// CompareAndPutTags is PutTags, provided that ref's tag has the expected
	// digest ("" for no such tag); otherwise every error is a
	// *store.TagMismatchError.
	CompareAndPutTags(ctx context.Context, ref reference.Ref, expected digest.Digest, tags []string, o store.Document) []store.TagStatus
	// CheckTarget returns an error for a reference that cannot be written. It sends no
	// request.
	CheckTarget(ctx context.Context, ref reference.Ref) error
	// Capabilities returns the properties of the storage that ref points to.
	Capabilities(ref reference.Ref) store.Capabilities
}
