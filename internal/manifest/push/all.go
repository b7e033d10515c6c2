package push

import (
	"cmp"
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
)

// requestsAtOnce is how many indexes of one run are planned and pushed at the same
// time. The transport limits the requests to each registry.
const requestsAtOnce = 8

// All plans and pushes every request. It calls show with the results of each index, one
// for each target, in the order of the requests; a target of which nothing can have
// been written has none. A failure does not stop the other requests, unless
// Options.FailFast is set: then nothing is written unless every plan succeeds, and
// nothing more after the first failure. The error is that of the request if there is
// one alone, else a *RunError. If show fails, no further index is begun, those that are
// begun are finished and shown, and the error is a *manifest.OutputError.
func All(ctx context.Context, w manifest.Writer, requests []Request, o Options, show func([]Result) error) error {
	if err := checkRun(ctx, w, requests, o); err != nil {
		return err
	}
	r := newRun(w, requests, o)
	r.show = show
	push := r.atOnce
	if o.FailFast || areDependent(r.jobs) || r.mayCollide || o.ReferrersTag && r.haveSubjects() {
		push = r.inOrder
	}
	if err := push(ctx); err != nil {
		return err
	}
	return r.err()
}

// run carries out the requests of one call of All.
type run struct {
	w    manifest.Writer
	o    Options
	show func([]Result) error
	jobs []*job
	// mayCollide is set if two requests may set one tag although their specs do not.
	mayCollide bool
}

// job is one request with what was done for it.
type job struct {
	Request
	plans   []Plan
	results []Result
	// planned are the tags that the plans set, each with its repository, if two requests
	// may set the same.
	planned []reference.Ref
	// shown is the plan of a dry run.
	shown *PlanResult
	// written are the targets whose tags all name the index.
	written []string
	err     error
	done    chan struct{}
}

func newRun(w manifest.Writer, requests []Request, o Options) *run {
	o.inRun = map[string][]string{}
	r := &run{w: shareWork(w, requests, o), o: o, mayCollide: o.addsTags() && len(common(requests, Request.repositories)) > 0}
	for _, request := range requests {
		r.jobs = append(r.jobs, &job{Request: request, done: make(chan struct{})})
		for _, to := range request.Targets {
			name := to.Ref.WithTag("").Location()
			o.inRun[name] = append(append(o.inRun[name], to.Tags...), to.Ref.Tag)
		}
	}
	return r
}

// atOnce plans and pushes several requests at the same time. What is begun is finished
// if a result cannot be shown, since a write that is cancelled may have been carried out.
func (r *run) atOnce(ctx context.Context) error {
	var failed atomic.Bool
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		r.forEach(func(j *job) {
			if failed.Load() {
				close(j.done)
				return
			}
			r.plan(ctx, j)
			r.push(ctx, j)
		})
	}()
	var first error
	for _, j := range r.jobs {
		<-j.done
		if err := r.showResults(j); err != nil && first == nil {
			first = err
			failed.Store(true)
		}
	}
	<-finished
	if first != nil {
		return r.outputError(first)
	}
	return nil
}

// inOrder plans all requests before it pushes one after the other: a request that reads
// what another one writes must not depend on which of them is faster, and two that add
// to the fallback tag of one subject must not overwrite each other.
func (r *run) inOrder(ctx context.Context) error {
	r.forEach(func(j *job) { r.plan(ctx, j) })
	if err := r.checkCollisions(); err != nil {
		return err
	}
	for _, j := range r.jobs {
		if r.o.FailFast && r.firstFailure() != nil {
			return nil
		}
		r.push(ctx, j)
		if err := r.showResults(j); err != nil {
			return r.outputError(err)
		}
	}
	return nil
}

// forEach calls f for all jobs, for some of them at the same time.
func (r *run) forEach(f func(*job)) {
	var g errgroup.Group
	g.SetLimit(requestsAtOnce)
	for _, j := range r.jobs {
		g.Go(func() error { f(j); return nil })
	}
	_ = g.Wait() // no f fails
}

// plan plans a request, and verifies its images if the options ask for it.
func (r *run) plan(ctx context.Context, j *job) {
	if j.err = context.Cause(ctx); j.err != nil { // a layout would be read all the same
		return
	}
	if j.plans, j.err = NewPlans(ctx, r.w, j.Request, r.o); j.err == nil {
		j.err = cmp.Or(verifyPlan(ctx, r.w, j.plans[0], r.o), r.o.checkReachable(j.plans))
	}
	if r.mayCollide {
		j.planned = plannedTags(j.plans)
	}
}

// push carries out the plans of a request, and drops what was read for them.
func (r *run) push(ctx context.Context, j *job) {
	defer close(j.done)
	if j.err == nil {
		j.results, j.err = r.pushPlans(ctx, j)
	}
	for _, one := range j.results {
		if !one.Failed() {
			j.written = append(j.written, one.Ref)
		}
	}
	j.plans = nil
}

// showResults shows the results of a request, and drops them.
func (r *run) showResults(j *job) error {
	results := j.results
	j.results = nil
	if len(results) == 0 {
		return nil
	}
	return r.show(results)
}
