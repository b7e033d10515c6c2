package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/progress"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/atomicfile"
)

// put stores a manifest as a blob and, if ref has a tag, names it in index.json.
func (l layout) put(ctx context.Context, ref reference.Ref, o Document) error {
	return putInOneStep(ctx, l, ref, o)
}

// putTags sets all tags in one step: if one cannot be set, none is.
func (l layout) putTags(ctx context.Context, ref reference.Ref, tags []string, o Document, expected *digest.Digest) []TagStatus {
	return putTagsInOneStep(ctx, l, ref, tags, o, expected)
}

// setTags stores a manifest and names it by all tags in one step, provided that
// ref's tag has the expected digest; nil is any.
func (l layout) setTags(ctx context.Context, ref reference.Ref, tags []string, o Document, expected *digest.Digest) error {
	if err := storeManifest(ctx, l, ref, o); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	// Parallel puts wait together: the limit is for all of them.
	ctx, cancel := atomicfile.WithLockTimeout(ctx)
	defer cancel()
	l.writing.Lock()
	defer l.writing.Unlock()
	if err := l.tag(ctx, ref, tags, o.Descriptor, expected); err != nil {
		return fmt.Errorf("%s: %w", ref.WithTag(""), errtext.FileError(err))
	}
	return nil
}

// storeBlob stores a blob under its digest, unless it exists and is intact.
func (l layout) storeBlob(ctx context.Context, to reference.Ref, b blobCopy) error {
	if err := b.desc.Digest.Validate(); err != nil {
		return err
	}
	path := filepath.Join(to.Path, filepath.FromSlash(blobPath(b.desc.Digest)))
	if l.has(ctx, to, b.desc) {
		b.counter.Skip(progress.StateExists)
		return nil
	}
	if err := initLayout(to.Path); err != nil {
		return fmt.Errorf("creating %s: %w", to, errtext.FileError(err))
	}
	body, err := b.open(ctx)
	if err != nil {
		return err
	}
	defer body.Close()
	if err := atomicfile.Write(path, ctxReader{ctx, body}); err != nil {
		return fmt.Errorf("writing %s: %w", blobName{to, b.desc.Digest}, errtext.WithoutPath(err))
	}
	return nil
}

// ctxReader is a stream that fails once its context is done.
type ctxReader struct {
	ctx context.Context //nolint:containedctx // it is the life of the stream
	io.Reader
}

func (r ctxReader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.Reader.Read(p)
}

// has reports whether a blob exists and its bytes have its digest.
func (l layoutReader) has(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) bool {
	f, err := l.open(ctx, ref, desc)
	if err != nil {
		return false
	}
	checked, err := verify(f, desc)
	if err != nil {
		_ = f.Close()
		return false
	}
	defer checked.Close()
	_, err = io.Copy(io.Discard, checked)
	return err == nil
}

// initLayout creates an empty layout if there is none. Writers lock the marker
// file, so an existing one is never replaced.
func initLayout(dir string) error {
	marker := filepath.Join(dir, ocispec.ImageLayoutFile)
	if atomicfile.Exists(marker) {
		return nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	raw, err := json.Marshal(ocispec.ImageLayout{Version: layoutVersion})
	if err != nil {
		return err
	}
	return atomicfile.Create(marker, bytes.NewReader(raw))
}
