//go:build e2e

package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"manifest-tool/e2e/bench/client"
)

// runAll runs ours one by one on an idle machine, then the others side by
// side, those that take longest first: they wait most of the time. The outcome
// of a job that is left out is the zero outcome.
func (b *wireBench) runAll(ctx context.Context, jobs []job) []outcome {
	outcomes := make([]outcome, len(jobs))
	ours, others := b.order(jobs)
	var mu sync.Mutex
	did := 0
	work := func(numbers []int, parallel, runs int) {
		var g errgroup.Group
		g.SetLimit(parallel)
		for _, i := range numbers {
			g.Go(func() error {
				outcomes[i] = b.run(ctx, jobs[i])
				for range runs - 1 {
					outcomes[i] = best(outcomes[i], b.run(ctx, jobs[i]))
				}
				mu.Lock()
				defer mu.Unlock()
				did++
				fmt.Fprintf(os.Stderr, "%d of %d: %s\n", did, len(ours)+len(others), jobs[i])
				return nil
			})
		}
		_ = g.Wait() // an error is part of the outcome
	}
	work(ours, 1, b.runs)
	work(others, b.parallel, 1)
	return outcomes
}

// order returns the numbers of the jobs that can be run: ours as they are, the
// others with the largest first.
func (b *wireBench) order(jobs []job) (ours, others []int) {
	for i, j := range jobs {
		switch {
		case j.client.Path == "":
		case j.client.Name == client.Ours:
			ours = append(ours, i)
		case slices.Contains(b.peerNumbers, j.n):
			others = append(others, i)
		}
	}
	slices.SortStableFunc(others, func(i, k int) int {
		return cmp.Or(cmp.Compare(jobs[k].n, jobs[i].n), cmp.Compare(jobs[i].client.Name, jobs[k].client.Name))
	})
	return ours, others
}

// String names the job.
func (j job) String() string {
	return fmt.Sprintf("%s %d %s %s", j.scenario.name, j.n, j.auth, j.client.Name)
}
