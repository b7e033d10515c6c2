package verify

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/rootfs"
)

// blobsOf looks whether the layers and other blobs of an entry are there. Those
// that were read to check its programs are not requested again.
func (v *verifier) blobsOf(ctx context.Context, e *entryCheck) {
	if e.manifest == nil {
		return
	}
	blobs := e.blobs()
	var g errgroup.Group
	for _, b := range blobs {
		g.Go(func() error {
			_, _ = v.fetchBlobInfo(ctx, e, b)
			return nil
		})
	}
	_ = g.Wait() // the results are reported below, in order
	for _, b := range blobs {
		v.recordBlob(ctx, e, b)
	}
}

// blobRef is a blob that a manifest names.
type blobRef struct {
	desc ocispec.Descriptor
	// number is which layer it is, -1 for the config.
	number int
}

// blobs are those that have to be in the registry and were not read yet.
func (e *entryCheck) blobs() []blobRef {
	var all []blobRef
	if d := e.manifest.Config; !manifest.IsConfig(d.MediaType) && e.checkFetchable(d, "the config") {
		all = append(all, blobRef{d, -1})
	}
	for i, d := range e.manifest.Layers {
		if !manifest.IsNonDistributable(d.MediaType) && e.checkFetchable(d, "a layer") {
			all = append(all, blobRef{d, i})
		}
	}
	return all
}

// isRoot reports whether a blob is a layer of an image's root file system.
func (e *entryCheck) isRoot(b blobRef) bool {
	return b.number >= 0 && rootfs.IsLayer(b.desc.MediaType) && e.kind == manifest.KindImage
}

// isOtherLayer reports whether a layer is not a tar archive, by its media type.
func isOtherLayer(d ocispec.Descriptor) bool { return !rootfs.IsLayer(d.MediaType) }

// noteOtherLayers notes the layers of an image whose content is not checked.
func (v *verifier) noteOtherLayers(e *entryCheck) {
	if e.kind != manifest.KindImage || e.config == nil || v.opts.Binaries == BinariesNone && !v.opts.Deep {
		return
	}
	for _, d := range e.manifest.Layers {
		if isOtherLayer(d) {
			e.add(CodeLayerNotTar, Finding{Subject: d.Digest.String(), Actual: d.MediaType, Evidence: "the media type of the layer"})
		}
	}
}

// fetchBlobInfo returns the size of a blob, which is requested once.
func (v *verifier) fetchBlobInfo(ctx context.Context, e *entryCheck, b blobRef) (size int64, err error) {
	if e.isRoot(b) {
		l := v.rootLayer(e, b.desc)
		if v.opts.Deep {
			_ = v.layers.Read(ctx, l, e.isWindows()) // the outcome has it
		}
		if v.layers.Outcome(l, e.isWindows()).Read {
			return b.desc.Size, nil
		}
	}
	return v.blobs.Do(ctx, descriptorKey(e.ref, b.desc), func() (int64, error) { return v.headOrReadBlob(ctx, e, b.desc) })
}

// recordBlob records the findings about a blob.
func (v *verifier) recordBlob(ctx context.Context, e *entryCheck, b blobRef) {
	if e.isRoot(b) {
		if o := v.layers.Outcome(v.rootLayer(e, b.desc), e.isWindows()); o.Read {
			v.recordLayer(e, b.desc, o, b.number)
			return
		}
	}
	how := "HEAD of the blob"
	if v.opts.Deep {
		how = "all bytes of the blob"
	}
	subject := b.desc.Digest.String()
	size, err := v.fetchBlobInfo(ctx, e, b)
	switch {
	case err != nil:
		e.recordError(err, CodeLayerMissing, CodeLayerUnreadable, subject, how)
	case size >= 0 && size != b.desc.Size:
		e.add(CodeSizeMismatch, Finding{Subject: subject, Expected: bytesOf(b.desc.Size), Actual: bytesOf(size), Evidence: how})
	}
}

// headOrReadBlob requests the size of a blob or, with Deep, reads all of it.
func (v *verifier) headOrReadBlob(ctx context.Context, e *entryCheck, d ocispec.Descriptor) (size int64, err error) {
	if !v.opts.Deep {
		return v.r.HeadBlob(ctx, e.ref, d)
	}
	body, err := v.r.OpenBlob(ctx, e.ref, d)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	_, err = io.Copy(io.Discard, body)
	return d.Size, err
}

// recordLayer notes what reading a layer came to.
func (v *verifier) recordLayer(e *entryCheck, d ocispec.Descriptor, o rootfs.Outcome, number int) {
	const how = "the bytes of the layer"
	subject := d.Digest.String()
	var source *rootfs.SourceError
	var limit *rootfs.LimitError
	switch {
	case errors.As(o.Err, &limit):
		e.unknown = true
		e.add(CodeLayerBeyondLimits, Finding{Severity: v.opts.beyondLimits(), Subject: subject, Actual: limit.Error(), Evidence: how})
	case errors.As(o.Err, &source):
		e.recordError(source.Err, CodeLayerMissing, CodeLayerUnreadable, subject, how)
	case o.Err != nil:
		e.add(CodeLayerUnreadable, Finding{Subject: subject, Actual: o.Err.Error(), Evidence: how})
	}
	for _, n := range o.Notes {
		code := map[rootfs.NoteKind]Code{
			rootfs.NoteCompression: CodeLayerCompression, rootfs.NoteTrailing: CodeLayerTrailingBytes, rootfs.NoteContents: CodeTOCMismatch,
		}[n.Kind]
		e.add(code, Finding{Subject: subject, Expected: n.Want, Actual: n.Got, Evidence: how})
	}
	if e.config == nil || o.DiffID == "" || number >= len(e.config.RootFS.DiffIDs) {
		return
	}
	if want := e.config.RootFS.DiffIDs[number]; want.Algorithm() == digest.SHA256 && want.String() != o.DiffID {
		e.add(CodeDiffIDMismatch, Finding{Subject: subject, Expected: want.String(), Actual: o.DiffID, Evidence: how + ", unpacked"})
	}
}

// descriptorKey is a key for a blob in a repository, with the size that is
// expected of it.
func descriptorKey(ref reference.Ref, d ocispec.Descriptor) string {
	return ref.WithDigest(d.Digest).String() + fmt.Sprint(" ", d.Size)
}
