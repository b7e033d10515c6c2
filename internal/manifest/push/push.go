// Package push assembles an index from images and writes it, in two steps.
// NewPlans reads all sources of a Request and decides the exact bytes of the
// index; bad input is found here, before anything is written. Push carries out
// the plan of one target: blobs, then children, then the tags. All does both for
// several requests. Errors report which tags were written and which were not.
package push

import (
	"context"
	"io"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/transfer"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// Schema names the fields of the result and what they mean, as docs/output.md
// describes them. Within a version fields are only added.
const Schema = "push/v1"

// Result is the result of the push of one index: push/v1 of
// docs/output.
type Result struct {
	Schema string `json:"schema"`
	// Ref is the target in full.
	Ref       string        `json:"ref"`
	Digest    digest.Digest `json:"digest"`
	Size      int64         `json:"size"`
	MediaType string        `json:"mediaType"`
	// Tags are the target's tag and the further ones, in their order.
	Tags []TagResult `json:"tags"`
	// PlatformTags are the tags of the images, if any were asked for.
	PlatformTags []PlatformTag `json:"platformTags,omitempty"`
	// Unchanged is set when every tag had this digest before, and has it, so that
	// nothing was written.
	Unchanged bool `json:"unchanged"`
	// Target is the target as a reference.
	Target reference.Ref `json:"-"`
}

// Failed reports whether some tag does not name the index.
func (p Result) Failed() bool {
	return slices.ContainsFunc(p.Tags, func(r TagResult) bool { return r.Err != nil })
}

// Push carries out a plan: blobs, then children by digest, then the index
// under all its tags at once, each tag once (decision 9). Where the target
// names this very index already, only the tags that do not are written. When
// some tags fail and some do not, the error is a *PartialError.
func Push(ctx context.Context, w manifest.Writer, p Plan, o Options) (Result, error) {
	out := Result{
		Schema: Schema, Ref: p.Target.String(), Digest: p.Index.Descriptor.Digest,
		Size: p.Index.Descriptor.Size, MediaType: p.Index.Descriptor.MediaType, Target: p.Target,
	}
	if err := o.checkExpectation(p); err != nil {
		return Result{}, err
	}
	t := &tagPusher{w: w, plan: p, o: o}
	there := p.Current.Digest == out.Digest && t.isComplete(ctx)
	if !there {
		if err := transfer.NewCopier(w, p.Target, o.copier(p.copyHints())).CopyAll(ctx, p.Copies); err != nil {
			return Result{}, err
		}
	}
	t.putAll(ctx, there && !o.Always)
	if o.Confirm {
		t.confirm(ctx)
		t.confirmChildren(ctx)
	}
	out.Tags, out.PlatformTags = finalize(t.results), finalizeImages(t.images)
	out.Unchanged = !slices.ContainsFunc(out.Tags, func(r TagResult) bool { return !r.Unchanged || r.Err != nil }) &&
		!slices.ContainsFunc(out.PlatformTags, func(t PlatformTag) bool { return t.State != TagUnchanged })
	if err := tagsError(p.Target, out); err != nil {
		return out, err
	}
	return out, t.linkSubject(ctx, out)
}

// isComplete reports whether an index that is there already may be left as it is. A
// registry keeps the children of an index, unless they were deleted or damaged, which
// --confirm checks. In a layout all bytes are read each time.
func (t *tagPusher) isComplete(ctx context.Context) bool {
	if t.o.NonDistributable && !transfer.HasAllNonDistributable(ctx, t.w, t.plan.Target, t.plan.Copies) {
		return false
	}
	if !t.w.Capabilities(t.plan.Target).ChecksChildren {
		return transfer.NewCopier(verifyingWriter{t.w}, t.plan.Target, t.o.copier(t.plan.copyHints())).CopyAll(ctx, t.plan.Copies) == nil
	}
	return !t.o.Confirm || t.childrenIntact(ctx)
}

// verifyingWriter is a Writer that writes nothing, and fails if the content to
// write is not present with the same bytes.
type verifyingWriter struct{ manifest.Writer }

// CopyBlob reads the blob where it would be written.
func (l verifyingWriter) CopyBlob(ctx context.Context, from, to reference.Ref, desc ocispec.Descriptor, _ store.CopyHints) error {
	if from.SameRepository(to) {
		return nil
	}
	body, err := l.OpenBlob(ctx, to, desc)
	if err != nil {
		return err
	}
	defer body.Close()
	_, err = io.Copy(io.Discard, body)
	return err
}

// Put reads the manifest.
func (l verifyingWriter) Put(ctx context.Context, ref reference.Ref, _ store.Document) error {
	_, err := l.Get(ctx, ref)
	return err
}
