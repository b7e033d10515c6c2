package push

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// TagState is the result of writing a tag.
type TagState string

// The states of tags.
const (
	TagWritten   TagState = "written"
	TagUnchanged TagState = "unchanged"
	TagFailed    TagState = "failed"
	// TagUnknown is a tag that may name the index: no response came to its PUT, or it
	// could not be read back.
	TagUnknown TagState = "unknown"
)

// TagResult is the result of writing one tag; Err is nil when it names the index.
type TagResult struct {
	Tag   string   `json:"tag"`
	State TagState `json:"state"`
	// Error is the message of Err.
	Error string `json:"error,omitempty"`
	Err   error  `json:"-"`
	// Unchanged is set if the tag had the digest before and was not written.
	Unchanged bool `json:"-"`
}

// tagPusher puts one index under its tags.
type tagPusher struct {
	w       manifest.Writer
	plan    Plan
	o       Options
	results []TagResult
	// images are the tags of the images.
	images []PlatformTag
	// corruptChildren are children that the registry had with other bytes before
	// the push.
	corruptChildren []ocispec.Descriptor
}

// tagResults lists the tags of a plan, each once; the first is the target's.
func tagResults(p Plan, there bool) []TagResult {
	results := []TagResult{{Tag: p.Target.Tag, Unchanged: there}}
	for _, t := range p.Tags {
		if t != p.Target.Tag {
			results = append(results, TagResult{Tag: t})
		}
	}
	return results
}

// forEachTag calls f for all tags concurrently.
func (t *tagPusher) forEachTag(f func(r *TagResult, ref reference.Ref)) {
	var wg sync.WaitGroup
	for i := range t.results {
		r := &t.results[i]
		wg.Go(func() { f(r, t.plan.Target.WithTag(r.Tag)) })
	}
	wg.Wait()
}

// markUnchanged marks the tags that name the index already.
func (t *tagPusher) markUnchanged(ctx context.Context) {
	t.forEachTag(func(r *TagResult, ref reference.Ref) {
		if !r.Unchanged {
			r.Unchanged = t.pointsToIndex(ctx, ref)
		}
	})
}

func (t *tagPusher) pointsToIndex(ctx context.Context, ref reference.Ref) bool {
	now, err := t.w.Head(ctx, ref)
	return err == nil && now.Digest == t.plan.Index.Descriptor.Digest
}

// pendingTags lists the tags that do not name the index already.
func (t *tagPusher) pendingTags() []string {
	return t.tags(func(r TagResult) bool { return !r.Unchanged })
}

// failed lists the tags that could not be written.
func (t *tagPusher) failed() []string {
	return t.tags(func(r TagResult) bool { return r.Err != nil })
}

func (t *tagPusher) tags(are func(TagResult) bool) []string {
	var tags []string
	for _, r := range t.results {
		if are(r) {
			tags = append(tags, r.Tag)
		}
	}
	return tags
}

// putAll writes all tags of a plan; if the index is unchanged, those that do not name
// what they should. The tags of the index are the last, and not tried unless all images
// are tagged. With Options.Expect they are the first: the target's tag is looked at
// right before it is written, and no other one is written unless it is.
func (t *tagPusher) putAll(ctx context.Context, unchanged bool) {
	t.results, t.images = tagResults(t.plan, unchanged), slices.Clone(t.plan.platformTags)
	if unchanged {
		t.markUnchanged(ctx)
	}
	if t.o.Expect != "" {
		t.putIndex(ctx)
		if t.results[0].Err != nil {
			t.leaveImages()
			return
		}
		t.putImages(ctx, unchanged)
		return
	}
	if t.putImages(ctx, unchanged); imagesError(t.plan.Target, t.images) != nil {
		t.leaveTags()
		return
	}
	t.putIndex(ctx)
}

// putIndex writes the tags of the index that do not name it already.
func (t *tagPusher) putIndex(ctx context.Context) {
	t.put(ctx, t.pendingTags())
	if t.hasMissingChildren() {
		t.retryIncomplete(ctx)
	}
	t.lookAgain(ctx)
}

// put writes tags; a failure does not keep the others from being written.
func (t *tagPusher) put(ctx context.Context, tags []string) {
	if t.o.Expect != "" {
		tags = t.putExpected(ctx, tags)
	}
	t.record(t.w.PutTags(ctx, t.plan.Target, tags, t.plan.Index))
}

// lookAgain looks at the tags whose PUT failed, and which may name the index all the
// same: because the registry did not write them again, or because its response was lost.
// One that was refused and names another is a different error.
func (t *tagPusher) lookAgain(ctx context.Context) {
	want := t.plan.Index.Descriptor.Digest
	t.forEachTag(func(r *TagResult, ref reference.Ref) {
		if store.IsUncertain(r.Err) {
			r.Err = checkUncertain(r.Err, lookUpTag(ctx, t.w, ref), want)
			return
		}
		if !errors.Is(r.Err, store.ErrRejected) {
			return
		}
		now := lookUpTag(ctx, t.w, ref)
		switch {
		case now.Err != nil:
		case now.Digest == want:
			r.Err, r.Unchanged = nil, true
		case now.Digest != "":
			r.Err = &TagRejectedError{Ref: ref.String(), Have: now.Digest, Want: want, Err: r.Err}
		}
	})
}

// checkUncertain returns the error of a PUT with an uncertain result, after a look at the
// tag: nil if it names what was put. If it does not, and a server responded to the PUT,
// the tag was not written and will not be written later.
func checkUncertain(err error, now tagState, want digest.Digest) error {
	var uncertain *store.UncertainError
	switch {
	case now.Err != nil:
		return err
	case now.Digest == want:
		return nil
	case errors.As(err, &uncertain) && !store.IsUnanswered(err):
		return uncertain.Err
	}
	return err
}

// finalize gives each result its final state.
func finalize(results []TagResult) []TagResult {
	for i := range results {
		r := &results[i]
		switch {
		case r.Err != nil:
			r.State, r.Error = failedState(r.Err), r.Err.Error()
		case r.Unchanged:
			r.State = TagUnchanged
		default:
			r.State = TagWritten
		}
	}
	return results
}

// failedState returns the state of a tag with an error.
func failedState(err error) TagState {
	var unconfirmed *UnconfirmedError
	if store.IsUncertain(err) || errors.As(err, &unconfirmed) {
		return TagUnknown
	}
	return TagFailed
}
