package push

import (
	"errors"
	"fmt"
	"slices"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
)

// RunError reports that some of several indexes were not written, or not everywhere.
type RunError struct {
	// Outcomes has one for each index of the run, in its order.
	Outcomes []Outcome
	// DryRun is set for a dry run, which writes nothing.
	DryRun bool
}

// Outcome is the result of one index of a run.
type Outcome struct {
	// Target is the first target of the index.
	Target string
	// Written is set if all its tags, in all its targets, name the index.
	Written bool
	// Planned is set in a dry run if the index can be written.
	Planned bool
	// Err is nil for an index that was written or planned, and for one that was not tried because
	// another one failed before.
	Err error
}

func (e *RunError) Error() string {
	failed, were := 0, "were not pushed"
	if e.DryRun {
		were = "cannot be pushed"
	}
	for _, o := range e.Outcomes {
		if !o.Written && !o.Planned {
			failed++
		}
	}
	return fmt.Sprintf("%d of %d indexes %s: %v", failed, len(e.Outcomes), were, e.Unwrap())
}

// Unwrap returns the first failure.
func (e *RunError) Unwrap() error {
	for _, o := range e.Outcomes {
		if o.Err != nil {
			return o.Err
		}
	}
	return nil
}

// ExitCode is that of a partial success if anything was written, else that of the
// first failure.
func (e *RunError) ExitCode() int {
	for _, o := range e.Outcomes {
		var partial *PartialError
		if o.Written || errors.As(o.Err, &partial) {
			return exitPartial
		}
	}
	return errtext.ExitCode(e.Unwrap())
}

// err returns the error of the run.
func (r *run) err() error {
	if len(r.jobs) == 1 {
		return r.jobs[0].err
	}
	if r.firstFailure() == nil {
		return nil
	}
	e := &RunError{DryRun: r.o.DryRun}
	for _, j := range r.jobs {
		e.Outcomes = append(e.Outcomes, Outcome{Target: j.Targets[0].Ref.String(), Written: j.isWritten(), Planned: j.shown != nil, Err: j.err})
	}
	return e
}

func (r *run) firstFailure() error {
	for _, j := range r.jobs {
		if j.err != nil {
			return j.err
		}
	}
	return nil
}

// isWritten reports whether the index has all tags in all targets.
func (j *job) isWritten() bool { return j.err == nil && len(j.written) == len(j.Targets) }

// outputError lists the targets that were written and those that were not.
func (r *run) outputError(err error) error {
	e := &manifest.OutputError{Err: err}
	for _, j := range r.jobs {
		e.Written = append(e.Written, j.written...)
		for _, to := range j.Targets {
			if name := to.Ref.String(); !slices.Contains(j.written, name) {
				e.Remaining = append(e.Remaining, name)
			}
		}
	}
	return e
}

// haveSubjects reports whether several indexes have a subject, which may be the same.
func (r *run) haveSubjects() bool {
	n := 0
	for _, j := range r.jobs {
		if j.subject != nil {
			n++
		}
	}
	return n > 1
}

// areDependent reports whether a job reads a tag that another one writes.
func areDependent(jobs []*job) bool {
	writes := map[string]*job{}
	for _, j := range jobs {
		for _, tag := range j.tags() {
			writes[tag.Location()] = j
		}
	}
	for _, j := range jobs {
		for _, src := range j.sources {
			if by := writes[src.ref.Location()]; by != nil && by != j {
				return true
			}
		}
	}
	return false
}
