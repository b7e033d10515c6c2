package push

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/transfer"
	"manifest-tool/internal/reference"
)

// pushTargets carries out the plans of one index: those of different registries at the
// same time, those of one registry one after the other, so that the later repositories
// get their blobs from the first one that has them, as a dry run shows it. It returns a result for each target of which
// something may have been written. When some tags are written and some are not, the
// error is a *PartialError.
func pushTargets(ctx context.Context, w manifest.Writer, plans []Plan, o Options) ([]Result, error) {
	results, errs := make([]Result, len(plans)), make([]error, len(plans))
	var wg sync.WaitGroup
	for _, group := range groupByRegistry(plans) {
		wg.Go(func() {
			var earlier *reference.Ref
			for _, i := range group {
				p := plans[i]
				if earlier != nil {
					p = p.copyFrom(*earlier)
				}
				results[i], errs[i] = Push(ctx, w, p, o)
				if earlier == nil && errs[i] == nil {
					earlier = &p.Target
				}
			}
		})
	}
	wg.Wait()
	return withTags(results), targetsError(plans, results, errs)
}

// groupByRegistry returns the positions of the plans by registry. What is not in a
// registry has a group of its own.
func groupByRegistry(plans []Plan) [][]int {
	var groups [][]int
	at := map[string]int{}
	for i, p := range plans {
		host := p.Target.Host()
		k, seen := at[host]
		if seen && host != "" {
			groups[k] = append(groups[k], i)
			continue
		}
		at[host] = len(groups)
		groups = append(groups, []int{i})
	}
	return groups
}

// copyFrom returns the plan with what is in another registry, or in none, read from a
// repository of the target's registry that has it by now.
func (p Plan) copyFrom(earlier reference.Ref) Plan {
	copies := make([]transfer.Copy, len(p.Copies))
	for i, c := range p.Copies {
		if c.From.Host() != p.Target.Host() {
			c.From = earlier.WithDigest(c.Document.Descriptor.Digest)
		}
		copies[i] = c
	}
	p.Copies = copies
	return p
}

func withTags(all []Result) []Result {
	var some []Result
	for _, r := range all {
		if len(r.Tags) > 0 {
			some = append(some, r)
		}
	}
	return some
}

// targetsError returns the error of the only plan, or one that lists the tags of all
// targets by their full names.
func targetsError(plans []Plan, results []Result, errs []error) error {
	if len(plans) == 1 {
		return errs[0]
	}
	var all []TagResult
	var first error
	for i, p := range plans {
		if first == nil && errs[i] != nil {
			first = targetError(p, errs[i])
		}
		tags := results[i].all()
		if len(tags) == 0 {
			tags = tagResults(p, false)
			for k := range tags {
				tags[k].Err = errs[i]
			}
		}
		for _, r := range tags {
			r.Tag = p.Target.WithTag(r.Tag).String()
			all = append(all, r)
		}
	}
	return summarize(all, first)
}

// targetError returns the first failure of a target, with its name.
func targetError(p Plan, err error) error {
	var partial *PartialError
	if errors.As(err, &partial) {
		err = partial.Err
	}
	if strings.Contains(err.Error(), p.Target.String()+":") {
		return err
	}
	return fmt.Errorf("%s: %w", p.Target, err)
}
