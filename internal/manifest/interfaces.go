package manifest

import (
	"context"
	"io"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// Reader is where manifests and configs come from. *store.Store is one.
type Reader interface {
	// Expect announces what will be read, or written too, before the first
	// request.
	Announce(ref reference.Ref, write bool)
	// Get fetches and verifies a manifest; store.ErrNotFound where there is none.
	Get(ctx context.Context, ref reference.Ref) (store.Document, error)
	// Head asks what a manifest is; digest, size and type are claims.
	Head(ctx context.Context, ref reference.Ref) (ocispec.Descriptor, error)
	// ReadBlob reads a config, whole and verified.
	ReadBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) ([]byte, error)
	// Tags lists the tags of ref's repository, in no order.
	Tags(ctx context.Context, ref reference.Ref) ([]string, error)
	// Referrers lists what names ref's digest as its subject.
	Referrers(ctx context.Context, ref reference.Ref) ([]ocispec.Descriptor, error)
}

// BlobReader is a Reader that layers can be read from. *store.Store is one.
type BlobReader interface {
	Reader
	// HeadBlob asks for the size of a blob, -1 where the place does not tell;
	// store.ErrNotFound where there is none.
	HeadBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (int64, error)
	// OpenBlob reads a blob; the stream fails at its end with a
	// *store.MismatchError unless it was the one described.
	OpenBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (io.ReadCloser, error)
	// ReadBlobAt reads a part of a blob, unverified; store.ErrNoRange where the
	// place sends blobs whole only.
	ReadBlobAt(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor, offset, length int64) ([]byte, error)
}

// Writer is a BlobReader that can be pushed to. *store.Store is one.
type Writer interface {
	BlobReader
	// CopyBlob makes a blob of from's repository present in to's.
	CopyBlob(ctx context.Context, from, to reference.Ref, desc ocispec.Descriptor, known store.CopyHints) error
	// Put stores a manifest under the tag or digest of ref.
	Put(ctx context.Context, ref reference.Ref, o store.Document) error
	// PutTags stores a manifest under several tags and returns one result per
	// tag, in the same order.
	PutTags(ctx context.Context, ref reference.Ref, tags []string, o store.Document) []store.TagResult
	// CompareAndPutTags is PutTags, provided that ref's tag has the expected
	// digest ("" for no such tag); otherwise every error is a
	// *store.TagMismatchError.
	CompareAndPutTags(ctx context.Context, ref reference.Ref, expected digest.Digest, tags []string, o store.Document) []store.TagResult
	// Capabilities returns the properties of the storage that ref points to.
	Capabilities(ref reference.Ref) store.Capabilities
}
