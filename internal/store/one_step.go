package store

import (
	"bytes"
	"context"
	"io"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/reference"
)

// oneStepWriter sets all tags of a manifest in one step, as files on disk allow.
type oneStepWriter interface {
	storeBlob(ctx context.Context, to reference.Ref, b blobCopy) error
	// setTags stores a manifest and names it by all tags, provided that ref's tag has
	// the expected digest; nil is any.
	setTags(ctx context.Context, ref reference.Ref, tags []string, o Document, expected *digest.Digest) error
}

// putInOneStep stores a manifest and, if ref has a tag, names it.
func putInOneStep(ctx context.Context, w oneStepWriter, ref reference.Ref, o Document) error {
	if ref.Tag == "" {
		return storeManifest(ctx, w, ref, o)
	}
	return w.setTags(ctx, ref, []string{ref.Tag}, o, nil)
}

// putTagsInOneStep sets all tags: if one cannot be set, none is.
func putTagsInOneStep(ctx context.Context, w oneStepWriter, ref reference.Ref, tags []string, o Document, expected *digest.Digest) []TagStatus {
	if len(tags) == 0 {
		return nil
	}
	return sameResult(tags, w.setTags(ctx, ref, tags, o, expected))
}

// storeManifest stores a manifest as a blob, without a tag.
func storeManifest(ctx context.Context, w oneStepWriter, ref reference.Ref, o Document) error {
	return w.storeBlob(ctx, ref, blobCopy{desc: o.Descriptor, open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(o.Raw)), nil
	}})
}
