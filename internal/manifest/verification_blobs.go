package manifest

import (
	"context"
	"errors"
	"io"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/rootfs"
)

// blobsOf looks whether the layers and other blobs of an entry are there. Those
// that were read while its programs were looked at are not asked for again.
func (v *verifier) blobsOf(ctx context.Context, e *examined) {
	if e.manifest == nil {
		return
	}
	blobs := e.blobs()
	var g errgroup.Group
	for _, b := range blobs {
		g.Go(func() error {
			v.ask(ctx, e, b)
			return nil
		})
	}
	_ = g.Wait() // the answers are kept, and told below in their order
	for _, b := range blobs {
		v.tell(ctx, e, b)
	}
}

// part is a blob that a manifest names.
type part struct {
	desc ocispec.Descriptor
	// number is which layer it is, -1 for the config.
	number int
}

// blobs are those that have to be in the registry and were not read yet.
func (e *examined) blobs() []part {
	var all []part
	if d := e.manifest.Config; !isConfig(d.MediaType) && e.usable(d, "the config") {
		all = append(all, part{d, -1})
	}
	for i, d := range e.manifest.Layers {
		if !isForeign(d.MediaType) && e.usable(d, "a layer") {
			all = append(all, part{d, i})
		}
	}
	return all
}

// isRoot reports whether a blob is a layer of an image's root file system.
func (e *examined) isRoot(b part) bool {
	return b.number >= 0 && rootfs.IsLayer(b.desc.MediaType) && e.kind == KindImage
}

// ask gets an answer about a blob, once.
func (v *verifier) ask(ctx context.Context, e *examined, b part) blobAnswer {
	if e.isRoot(b) {
		l := v.rootLayer(e, b.desc)
		if v.opts.Deep {
			_ = v.layers.Read(ctx, l, e.isWindows()) // the outcome has it
		}
		if v.layers.Outcome(l, e.isWindows()).Read {
			return blobAnswer{size: b.desc.Size}
		}
	}
	return v.blobs.do(descriptorKey(e.ref, b.desc), func() blobAnswer { return v.askBlob(ctx, e, b.desc) })
}

// tell makes findings of what was answered.
func (v *verifier) tell(ctx context.Context, e *examined, b part) {
	if e.isRoot(b) {
		if o := v.layers.Outcome(v.rootLayer(e, b.desc), e.isWindows()); o.Read {
			e.layer(b.desc, o, b.number, v.opts)
			return
		}
	}
	how := "HEAD of the blob"
	if v.opts.Deep {
		how = "all bytes of the blob"
	}
	subject, got := b.desc.Digest.String(), v.ask(ctx, e, b)
	switch {
	case got.err != nil:
		e.failed(got.err, CodeLayerMissing, CodeLayerUnreadable, subject, how, v.opts)
	case got.size >= 0 && got.size != b.desc.Size:
		e.add(CodeSizeMismatch, Finding{Subject: subject, Wanted: bytesOf(b.desc.Size), Got: bytesOf(got.size), How: how})
	}
}

// askBlob asks whether a blob is there or, to be sure, reads all of it.
func (v *verifier) askBlob(ctx context.Context, e *examined, d ocispec.Descriptor) blobAnswer {
	if !v.opts.Deep {
		size, err := v.r.HeadBlob(ctx, e.ref, d)
		return blobAnswer{size, err}
	}
	body, err := v.r.OpenBlob(ctx, e.ref, d)
	if err != nil {
		return blobAnswer{err: err}
	}
	defer body.Close()
	_, err = io.Copy(io.Discard, body)
	return blobAnswer{d.Size, err}
}

// layer notes what reading a layer came to.
func (e *examined) layer(d ocispec.Descriptor, o rootfs.Outcome, number int, opts VerifyOptions) {
	const how = "the bytes of the layer"
	subject := d.Digest.String()
	var source *rootfs.SourceError
	switch {
	case errors.As(o.Err, &source):
		e.failed(source.Err, CodeLayerMissing, CodeLayerUnreadable, subject, how, opts)
	case o.Err != nil:
		e.add(CodeLayerUnreadable, Finding{Subject: subject, Got: opts.redact(o.Err), How: how})
	}
	for _, n := range o.Notes {
		code := map[rootfs.NoteKind]Code{
			rootfs.NoteCompression: CodeLayerCompression, rootfs.NoteTrailing: CodeLayerTrailing, rootfs.NoteContents: CodeContentsMismatch,
		}[n.Kind]
		e.add(code, Finding{Subject: subject, Wanted: n.Want, Got: n.Got, How: how})
	}
	if e.config == nil || o.DiffID == "" || number >= len(e.config.RootFS.DiffIDs) {
		return
	}
	if want := e.config.RootFS.DiffIDs[number]; want.Algorithm() == digest.SHA256 && want.String() != o.DiffID {
		e.add(CodeDiffIDMismatch, Finding{Subject: subject, Wanted: want.String(), Got: o.DiffID, How: how + ", unpacked"})
	}
}
