package push

import (
	"context"
	"errors"
	"sync"

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

// put writes tags; a failure does not keep the others from being written.
func (t *tagPusher) put(ctx context.Context, tags []string) {
	if t.o.Expect != "" {
		tags = t.putExpected(ctx, tags)
	}
	t.record(t.w.PutTags(ctx, t.plan.Target, tags, t.plan.Index))
}

// classifyRejected looks at the tags a registry refused: one that names the index
// already is as it should be, and one that names another is a different error.
func (t *tagPusher) classifyRejected(ctx context.Context) {
	want := t.plan.Index.Descriptor.Digest
	t.forEachTag(func(r *TagResult, ref reference.Ref) {
		if !errors.Is(r.Err, store.ErrRejected) {
			return
		}
		now, err := t.w.Head(ctx, ref)
		switch {
		case err != nil:
		case now.Digest == want:
			r.Err, r.Unchanged = nil, true
		default:
			r.Err = &TagRejectedError{Ref: ref.String(), Have: now.Digest, Want: want, Err: r.Err}
		}
	})
}

// finalize gives each result its final state.
func finalize(results []TagResult) []TagResult {
	for i := range results {
		r := &results[i]
		switch {
		case r.Err != nil:
			r.State, r.Error = TagFailed, r.Err.Error()
		case r.Unchanged:
			r.State = TagUnchanged
		default:
			r.State = TagWritten
		}
	}
	return results
}
