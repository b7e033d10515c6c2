package push

import (
	"context"
	"errors"
	"slices"
	"time"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// recheckDelay is how long a registry's tag is left alone before it is looked
// at again: longer than another push usually takes from its own look to the
// end of its PUT. One that looked before ours was there has written by then.
const recheckDelay = 500 * time.Millisecond

// putExpected writes the target's tag where something is expected of it, and returns
// the tags that are still to be written. A layout sets all of them in the step
// that compares. A registry has no such step: the target's tag is looked at
// right before its PUT and again a while after it, and the others follow only
// where it is still ours. One that names the index already is looked at as well.
func (t *tagPusher) putExpected(ctx context.Context, tags []string) []string {
	target := t.plan.Target
	rest := slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return tag == target.Tag })
	r := &t.results[0]
	switch {
	case len(tags) > 0 && t.w.Capabilities(target).CompareAndSet:
		t.record(t.w.CompareAndPutTags(ctx, target, t.o.expectedDigest(), tags, t.plan.Index))
		return nil
	case len(tags)+len(t.images) == 0: // nothing is written
		return nil
	case len(rest) == len(tags):
		r.Err = t.checkStillOurs(ctx)
	default:
		t.record(t.w.CompareAndPutTags(ctx, target, t.o.expectedDigest(), []string{target.Tag}, t.plan.Index))
		if t.lookAgain(ctx); r.Err == nil {
			r.Err = t.recheckTag(ctx, target)
		}
	}
	if r.Err != nil {
		for _, tag := range rest {
			t.record([]store.TagStatus{{Tag: tag, Err: t.leftAlone()}})
		}
		return nil
	}
	return rest
}

// checkStillOurs returns an error if the target's tag, which named the index when the push
// was planned, does not do so any more.
func (t *tagPusher) checkStillOurs(ctx context.Context) error {
	now := lookUpTag(ctx, t.w, t.plan.Target)
	if now.Err == nil && now.Digest != t.plan.Index.Descriptor.Digest {
		return &TagConflictError{Ref: t.plan.Target, Want: t.o.Expect, Have: now.Digest, DuringPush: true}
	}
	return now.Err
}

// recheckTag looks at the target's tag when others that may have been on their way
// have come in.
func (t *tagPusher) recheckTag(ctx context.Context, target reference.Ref) error {
	if err := t.o.Sleep(ctx, recheckDelay); err != nil {
		return &UnconfirmedError{target, err}
	}
	return t.waitForTag(ctx, target, t.plan.Index.Descriptor.Digest)
}

// record stores the results of writing tags.
func (t *tagPusher) record(results []store.TagStatus) {
	errs := map[string]error{}
	for _, r := range results {
		errs[r.Tag] = r.Err
	}
	for i := range t.results {
		r := &t.results[i]
		err, written := errs[r.Tag]
		if !written {
			continue
		}
		r.Err = err
		var unmet *store.TagMismatchError
		if errors.As(err, &unmet) {
			r.Err = &TagConflictError{Ref: t.plan.Target, Want: t.o.Expect, Have: unmet.Have, DuringPush: true}
		}
	}
}
