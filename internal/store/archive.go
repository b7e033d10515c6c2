package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/tarfile"
)

// manifestFile is the list of images in a Docker archive (moby, "Image JSON").
const manifestFile = "manifest.json"

// archives is what the two kinds of archives share: each file is scanned once, and a
// compressed one is read in order.
type archives struct {
	cache tarfile.Cache
	turns tarfile.Turns
	// pending are the blobs of archives that will be written.
	pending pending
	// warned holds the archives of which a warning was given.
	warned sync.Map
}

// archiveReader is the read half of both kinds.
type archiveReader struct {
	layoutReader
	*archives
}

// ociArchive implements storage in tar archives of an OCI layout. A layout in a
// directory and its archive have the same files, which are read in one way.
type ociArchive struct{ archiveReader }

func newOCIArchive(a *archives) ociArchive {
	return ociArchive{archiveReader{layoutReader{func(ctx context.Context, ref reference.Ref) (layoutFiles, error) {
		return a.openLayout(ctx, ref)
	}}, a}}
}

// capabilities: a writer compares the archive with what it has read before it replaces
// it.
func (ociArchive) capabilities() Capabilities { return Capabilities{CompareAndSet: true} }

// openTar opens an archive of any kind.
func (a *archives) openTar(ctx context.Context, ref reference.Ref) (*tarfile.File, error) {
	t, err := a.cache.Open(ctx, ref.Path, tarfile.DefaultLimits())
	if err == nil {
		return t, nil
	}
	failed := fmt.Errorf("%s: %w", ref.WithTag(""), errtext.WithoutPath(err))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errtext.WithHint(&noPathError{failed}, noArchiveHint)
	}
	return nil, failed
}

// openLayout opens an archive that must have an OCI layout.
func (a *archives) openLayout(ctx context.Context, ref reference.Ref) (archiveFiles, error) {
	t, err := a.openTar(ctx, ref)
	if err != nil || hasLayout(t) {
		return archiveFiles{t}, err
	}
	defer t.Close()
	err = fmt.Errorf("%s: it is not an OCI archive: it has no files %s and %s", ref.WithTag(""), ocispec.ImageLayoutFile, ocispec.ImageIndexFile)
	if t.Has(manifestFile) {
		return archiveFiles{}, &archiveError{err, "it has the " + manifestFile + " of a Docker archive, which is written docker-archive://FILE"}
	}
	return archiveFiles{}, &archiveError{err, otherArchiveHint}
}

// hasLayout reports whether an archive has the files that make an OCI layout.
func hasLayout(t *tarfile.File) bool {
	return t.Has(ocispec.ImageLayoutFile) && t.Has(ocispec.ImageIndexFile)
}

// otherArchiveHint is the hint for an archive of something else.
const otherArchiveHint = "archives of images are written with skopeo copy, buildah push, podman save, docker save or docker buildx build --output; an archive of a directory must not have the directory in its names"

// archiveFiles are the files of a layout in an archive.
type archiveFiles struct{ *tarfile.File }

func (a archiveFiles) open(ctx context.Context, name string) (layoutFile, error) {
	m, err := a.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	return archiveFile{m}, nil
}

func (a archiveFiles) position(name string) (int64, bool) {
	_, offset, err := a.Stat(name)
	return offset, err == nil && a.Compressed()
}

// turn orders the copies of blobs from a compressed archive by their position.
func (a archiveReader) turn(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (done func(), err error) {
	files, err := a.openFiles(ctx, ref)
	if err != nil {
		return nil, err
	}
	defer files.Close()
	at, ok := files.(interface {
		// position is where a file is in a compressed archive.
		position(name string) (offset int64, compressed bool)
	})
	if !ok {
		return func() {}, nil
	}
	offset, compressed := at.position(blobPath(desc.Digest))
	if !compressed {
		return func() {}, nil
	}
	return a.turns.Wait(ctx, ref.Path, offset)
}

// archiveFile is a file of a layout in an archive.
type archiveFile struct{ *tarfile.Member }

func (f archiveFile) size() (int64, error) { return f.Size, nil }

func (f archiveFile) readPart(part []byte, offset int64) error {
	_, err := f.ReadAt(part, offset)
	if errors.Is(err, tarfile.ErrNoRange) {
		return ErrNoRange
	}
	return err
}

// archiveError is an archive whose content cannot be used.
type archiveError struct {
	err  error
	hint string
}

func (e *archiveError) Error() string { return e.err.Error() }
func (e *archiveError) Unwrap() error { return e.err }
func (e *archiveError) Hint() string  { return e.hint }

// ExitCode is that of bad input.
func (*archiveError) ExitCode() int { return 2 }
