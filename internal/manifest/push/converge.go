package push

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/store"
)

// maxRounds is how often an index is assembled for one push. Jobs that run the same
// command need one round more than there are jobs at most.
const maxRounds = 100

// pushPlans carries out the plans of a request. With Options.Converge it then looks at
// the sources and at the tags, and plans and pushes again if a source has appeared or was
// replaced, or if a tag names another index, until neither is the case.
//
// Several jobs that each push an image and then run this leave a complete index: of the
// job whose PUT of the tag is the last, consider the look that follows it. An image that
// was pushed before that look is in the index, or there would be another PUT. An image
// that was pushed later belongs to a job that assembles after it, finds its own image,
// and puts an index that has it: then that PUT would be the last. This holds if a
// registry shows a tag once it has acknowledged it, and if no job ends between its PUT
// and its look.
func (r *run) pushPlans(ctx context.Context, j *job) ([]Result, error) {
	for round := 1; ; round++ {
		results, err := pushTargets(ctx, r.w, j.plans, r.o)
		if err != nil || !r.o.Converge {
			return results, err
		}
		changed, err := r.hasChanged(ctx, j.plans)
		switch {
		case err != nil:
			return results, fmt.Errorf("%s was written, but what came after it is not known: %w", j.Targets[0].Ref, err)
		case !changed:
			return results, nil
		case round == maxRounds:
			return results, fmt.Errorf("%s was written %d times, and each time another push replaced it", j.Targets[0].Ref, round)
		}
		r.o.Note(fmt.Sprintf("%s is assembled again: an image has appeared or was replaced, or another job has written it", j.Targets[0].Ref))
		if r.plan(ctx, j); j.err != nil {
			return results, fmt.Errorf("%s was written before, and is not replaced: %w", j.Targets[0].Ref, j.err)
		}
	}
}

// hasChanged reports whether a source is another one than the plan's, or whether a tag of
// a target names another index. It looks at all of them at the same time, and at all tags:
// they are written at the same time, so that of two jobs one may be the last for one tag
// and the other for another.
func (r *run) hasChanged(ctx context.Context, plans []Plan) (bool, error) {
	var changed atomic.Bool
	g, ctx := errgroup.WithContext(ctx)
	look := func(isOther func(context.Context) (bool, error)) {
		g.Go(func() error {
			other, err := isOther(ctx)
			if other {
				changed.Store(true)
			}
			return err
		})
	}
	for _, src := range plans[0].sources {
		look(func(ctx context.Context) (bool, error) { return r.hasSourceChanged(ctx, src) })
	}
	for _, p := range plans {
		for _, tag := range append([]string{p.Target.Tag}, p.Tags...) {
			look(func(ctx context.Context) (bool, error) {
				now := lookUpTag(ctx, r.w, p.Target.WithTag(tag))
				return now.Err == nil && now.Digest != p.Index.Descriptor.Digest, now.Err
			})
		}
	}
	err := g.Wait()
	if changed.Load() {
		err = nil // it is assembled again in any case
	}
	return changed.Load(), err
}

// hasSourceChanged looks at a source, unless it must have a digest: then it cannot be
// another one. One that was there and is not any more stays in the index.
func (r *run) hasSourceChanged(ctx context.Context, src plannedSource) (bool, error) {
	if src.expected != "" && src.digest != "" {
		return false, nil
	}
	now, err := r.w.Head(ctx, src.ref)
	if err == nil && now.Digest != src.digest && src.digest != "" {
		// A HEAD is not verified: what is read would be in the index.
		var o store.Document
		o, err = r.w.Get(ctx, src.ref)
		now = o.Descriptor
	}
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && now.Digest != src.digest, err
}
