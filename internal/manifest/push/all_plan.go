package push

import (
	"context"

	"manifest-tool/internal/manifest"
)

// PlanAll plans every request as All does, and writes nothing: it calls show with what
// would be written, in the order of the requests. The errors are those of All.
func PlanAll(ctx context.Context, w manifest.Writer, requests []Request, o Options, show func(PlanResult) error) error {
	if err := checkRun(ctx, w, requests, o); err != nil {
		return err
	}
	o.DryRun = true
	r := newRun(w, requests, o)
	r.forEach(func(j *job) {
		defer close(j.done)
		if r.plan(ctx, j); j.err != nil {
			return
		}
		if j.err = o.checkExpectation(j.plans[0]); j.err == nil {
			shown := describe(ctx, w, j.plans, o)
			j.shown = &shown
		}
		j.plans = nil
	})
	if err := r.checkCollisions(); err != nil {
		return err
	}
	for _, j := range r.jobs {
		if j.shown == nil {
			continue
		}
		if err := show(*j.shown); err != nil {
			return err
		}
	}
	return r.err()
}
