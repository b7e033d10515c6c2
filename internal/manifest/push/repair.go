package push

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/transfer"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/store"
)

// hasMissingChildren reports whether the registry missed a child of the index.
func (t *tagPusher) hasMissingChildren() bool {
	for _, r := range t.results {
		if errors.Is(r.Err, store.ErrMissingContent) {
			return true
		}
	}
	return false
}

// backOff waits for other pushes to be done with what they have in common with
// this one, each for a time of its own.
func (o Options) backOff(ctx context.Context) error {
	if o.Sleep == nil {
		return nil
	}
	return o.Sleep(ctx, 200*time.Millisecond+rand.N(300*time.Millisecond)) //nolint:gosec // no secret
}

// copier returns the options of the copies of a push.
func (o Options) copier(hints store.CopyHints) transfer.CopierOptions {
	return transfer.CopierOptions{Hints: hints, BackOff: o.backOff, NonDistributable: o.NonDistributable, Skip: func(err error) error {
		if o.Strict {
			return err
		}
		if o.Warn != nil {
			o.Warn(err.Error())
		}
		return nil
	}}
}

// retryIncomplete puts the index again after a moment where the registry has its children
// after all. Else, and where it refuses the index once more, it pushes the
// children again, with their blobs and without asking whether they are there: a
// registry that says they are and then refuses the index is wrong, or lost them
// meanwhile. If that does not help, it reports which children are missing.
func (t *tagPusher) retryIncomplete(ctx context.Context) {
	if t.o.backOff(ctx) != nil {
		return
	}
	if len(t.missingChildren(ctx)) == 0 {
		if t.put(ctx, t.failed()); !t.hasMissingChildren() {
			return
		}
	}
	hints := t.plan.copyHints()
	hints.Force = true
	c := transfer.NewCopier(unshared(t.w), t.plan.Target, t.o.copier(hints))
	if err := c.CopyAll(ctx, slices.Concat(t.plan.Copies, t.plan.Existing)); err == nil {
		t.put(ctx, t.failed())
	}
	if !t.hasMissingChildren() {
		return
	}
	missing := t.missingChildren(ctx)
	for i := range t.results {
		if r := &t.results[i]; errors.Is(r.Err, store.ErrMissingContent) && len(missing) > 0 {
			r.Err = fmt.Errorf("the registry has no manifest for %s: %w", strings.Join(missing, ", "), r.Err)
		}
	}
}

// missingChildren names the children the target's repository does not have.
func (t *tagPusher) missingChildren(ctx context.Context) []string {
	index, err := manifest.ParseIndex(t.plan.Index.Raw)
	if err != nil {
		return nil
	}
	missing := make([]string, len(index.Manifests)) // "" for one that exists
	var wg sync.WaitGroup
	for i, d := range index.Manifests {
		wg.Go(func() {
			if _, err := t.w.Head(ctx, t.plan.Target.WithDigest(d.Digest)); errors.Is(err, store.ErrNotFound) {
				missing[i] = describeEntry(d)
			}
		})
	}
	wg.Wait()
	return slices.DeleteFunc(missing, func(name string) bool { return name == "" })
}

// describeEntry is how an entry is called in messages.
func describeEntry(d ocispec.Descriptor) string {
	if d.Platform == nil {
		return d.Digest.String()
	}
	return platform.Format(*d.Platform) + " (" + d.Digest.String() + ")"
}
