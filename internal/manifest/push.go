package manifest

import (
	"context"
	"io"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/store"
)

// Pushed is what became of one index that was to be written: push/v1 of
// docs/output.
type Pushed struct {
	Schema string `json:"schema"`
	// Ref is the target in full.
	Ref       string        `json:"ref"`
	Digest    digest.Digest `json:"digest"`
	Size      int64         `json:"size"`
	MediaType string        `json:"mediaType"`
	// Tags are the target's tag and the further ones, in their order.
	Tags []TagResult `json:"tags"`
	// Unchanged is set when every tag had this digest before, and has it, so that
	// nothing was written.
	Unchanged bool `json:"unchanged"`
	// Kind is where it was pushed to.
	Kind store.Kind `json:"-"`
}

// Failed reports whether some tag is not what it was to be.
func (p Pushed) Failed() bool {
	return slices.ContainsFunc(p.Tags, func(r TagResult) bool { return r.Err != nil })
}

// Push carries out a plan: blobs, then children by digest, then the index
// under all its tags at once, each tag once (decision 9). Where the target
// names this very index already, only the tags that do not are written. When
// some tags fail and some do not, the error is a *PartialError.
func Push(ctx context.Context, w Writer, p Plan, o PushOptions) (Pushed, error) {
	out := Pushed{
		Schema: PushSchema, Ref: p.Target.String(), Digest: p.Index.Descriptor.Digest,
		Size: p.Index.Descriptor.Size, MediaType: p.Index.Descriptor.MediaType, Kind: p.Target.Kind,
	}
	if err := o.expected(p); err != nil {
		return Pushed{}, err
	}
	t := &tagging{w: w, plan: p, o: o}
	there := p.Present.Digest == out.Digest && t.stands(ctx)
	if !there {
		if err := copyAll(ctx, w, p, o); err != nil {
			return Pushed{}, err
		}
	}
	t.results = tagResults(p, there)
	if there {
		t.keep(ctx)
	}
	t.put(ctx, t.unkept())
	if t.incomplete() {
		t.heal(ctx)
	}
	t.explain(ctx)
	if o.Confirm {
		t.confirm(ctx, o.Wait)
		t.confirmChildren(ctx)
	}
	out.Tags = settled(t.results)
	out.Unchanged = !slices.ContainsFunc(out.Tags, func(r TagResult) bool { return !r.Kept || r.Err != nil })
	return out, tagsError(p.Target.Kind, out.Tags)
}

// stands reports whether an index that is there already may be left as it is:
// a registry keeps the children of an index, unless somebody deleted or damaged
// them, which --confirm looks for. In a layout all bytes are looked at each time.
func (t *tagging) stands(ctx context.Context) bool {
	if t.plan.Target.Kind == store.Layout {
		return newCopier(looking{t.w}, t.plan, t.o).all(ctx, t.plan.Copies) == nil
	}
	return !t.o.Confirm || t.whole(ctx)
}

// looking is a Writer that writes nothing, and fails where what is to be
// written is not there in its own bytes.
type looking struct{ Writer }

// CopyBlob reads the blob where it would be written.
func (l looking) CopyBlob(ctx context.Context, from, to store.Ref, desc ocispec.Descriptor, _ store.CopyHints) error {
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
func (l looking) Put(ctx context.Context, ref store.Ref, _ store.Document) error {
	_, err := l.Get(ctx, ref)
	return err
}
