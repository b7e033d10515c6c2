package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/progress"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/atomicfile"
	"manifest-tool/internal/store/tarfile"
)

// maxSwaps bounds how often an archive is written again because another process has
// changed it.
const maxSwaps = 100

// put stores a manifest and, if ref has a tag, names it in index.json. Only then is
// the archive written.
func (a ociArchive) put(ctx context.Context, ref reference.Ref, o Document) error {
	return putInOneStep(ctx, a, ref, o)
}

// putTags sets all tags in one step: if one cannot be set, none is.
func (a ociArchive) putTags(ctx context.Context, ref reference.Ref, tags []string, o Document, expected *digest.Digest) []TagStatus {
	return putTagsInOneStep(ctx, a, ref, tags, o, expected)
}

// storeBlob keeps a blob for the archive, unless that has it intact: an archive is
// written in one piece, with its tag.
func (a ociArchive) storeBlob(ctx context.Context, to reference.Ref, b blobCopy) error {
	if err := b.desc.Digest.Validate(); err != nil {
		return err
	}
	if err := a.checkFile(ctx, to); err != nil {
		return err
	}
	pending := a.pending.of(to.Path)
	if pending.has(b.desc.Digest) || a.has(ctx, to, b.desc) {
		b.counter.Skip(progress.StateExists)
		return nil
	}
	body, err := b.open(ctx)
	if err != nil {
		return err
	}
	defer body.Close()
	if err := pending.add(b.desc, ctxReader{ctx, body}); err != nil {
		return fmt.Errorf("writing %s: %w", blobName{to, b.desc.Digest}, errtext.WithoutPath(err))
	}
	return nil
}

// checkTarget returns an error for a file that a push must not replace: one of checkFile,
// and one with an index.json that cannot be read.
func (a ociArchive) checkTarget(ctx context.Context, ref reference.Ref) error {
	if err := a.checkFile(ctx, ref); err != nil {
		return err
	}
	t, err := a.openLayout(ctx, ref)
	if err != nil { // there is none yet
		return nil //nolint:nilerr // as above
	}
	defer t.Close()
	return checkIndex(ctx, ref, t)
}

// checkFile returns an error for a file that is not an OCI archive, or that cannot be
// changed.
func (a ociArchive) checkFile(ctx context.Context, ref reference.Ref) error {
	t, err := a.openLayout(ctx, ref)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer t.Close()
	switch {
	case t.Compressed():
		return &archiveError{
			fmt.Errorf("writing %s: the archive is compressed", ref.WithTag("")),
			"only archives that are not compressed are changed: decompress it, or write another file, and compress it after the push",
		}
	case hasLinks(t.File):
		return &archiveError{fmt.Errorf("writing %s: the archive has links", ref.WithTag("")), "write another file"}
	}
	return nil
}

func hasLinks(t *tarfile.File) bool {
	for _, name := range t.Names() {
		if t.Link(name) != "" {
			return true
		}
	}
	return false
}

// setTags writes the archive with a manifest under all tags, provided that ref's tag
// has the expected digest; nil is any.
func (a ociArchive) setTags(ctx context.Context, ref reference.Ref, tags []string, o Document, expected *digest.Digest) error {
	if err := storeManifest(ctx, a, ref, o); err != nil {
		return err
	}
	pending := a.pending.of(ref.Path)
	pending.writing.Lock()
	defer pending.writing.Unlock()
	err := atomicfile.ErrChanged
	for n := 0; n < maxSwaps && errors.Is(err, atomicfile.ErrChanged); n++ {
		err = a.replace(ctx, ref, tags, o.Descriptor, expected, pending)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", ref.WithTag(""), errtext.WithoutPath(err))
	}
	return nil
}

// replace replaces the archive by one with the pending blobs and the tags. If it has
// all of them, nothing is written.
func (a ociArchive) replace(ctx context.Context, ref reference.Ref, tags []string, desc ocispec.Descriptor, expected *digest.Digest, pending *pendingBlobs) error {
	if err := a.checkExpected(ctx, ref, expected); err != nil {
		return err
	}
	before, err := os.Stat(ref.Path)
	if errors.Is(err, fs.ErrNotExist) {
		before, err = nil, nil
	}
	if err != nil {
		return err
	}
	blobs := pending.all()
	next := newArchiveWriter(pending, blobs)
	var files layoutFiles
	if before != nil {
		t, err := a.openLayout(ctx, ref)
		if err != nil {
			return err
		}
		defer t.Close()
		next.keep(ctx, t)
		files = t
	}
	raw, err := retag(ctx, files, tags, desc)
	if err != nil || raw == nil && len(blobs) == 0 {
		return err
	}
	if raw != nil {
		next.addText(ocispec.ImageIndexFile, raw)
	}
	err = atomicfile.Swap(ctx, ref.Path, before, func(w io.Writer) error { return next.write(ctx, w) })
	if err == nil {
		pending.remove(blobs)
	}
	return err
}
