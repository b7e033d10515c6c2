package manifest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/store"
)

// incomplete reports whether the registry missed a child of the index.
func (t *tagging) incomplete() bool {
	for _, r := range t.results {
		if errors.Is(r.Err, store.ErrIncomplete) {
			return true
		}
	}
	return false
}

// heal pushes the children again, with their blobs and without asking whether
// they are there: a registry that says they are and then refuses the index is
// wrong, or lost them meanwhile. Where that is no use, it says which children
// are missing.
func (t *tagging) heal(ctx context.Context) {
	c := newCopier(t.w, t.plan)
	c.known.Force = true
	if err := c.all(ctx, slices.Concat(t.plan.Copies, t.plan.Local)); err == nil {
		t.put(ctx, t.failed())
	}
	if !t.incomplete() {
		return
	}
	missing := t.missing(ctx)
	for i := range t.results {
		if r := &t.results[i]; errors.Is(r.Err, store.ErrIncomplete) && len(missing) > 0 {
			r.Err = fmt.Errorf("the registry has no manifest for %s: %w", strings.Join(missing, ", "), r.Err)
		}
	}
}

// missing names the children the target's repository does not have.
func (t *tagging) missing(ctx context.Context) []string {
	index, err := parseIndex(t.plan.Index.Raw)
	if err != nil {
		return nil
	}
	gone := make([]bool, len(index.Manifests))
	var wg sync.WaitGroup
	for i, d := range index.Manifests {
		wg.Go(func() {
			_, err := t.w.Head(ctx, t.plan.Target.AtDigest(d.Digest))
			gone[i] = errors.Is(err, store.ErrNotFound)
		})
	}
	wg.Wait()
	var names []string
	for i, d := range index.Manifests {
		if gone[i] {
			names = append(names, entryName(d))
		}
	}
	return names
}

// entryName is how an entry is called in messages.
func entryName(d ocispec.Descriptor) string {
	if d.Platform == nil {
		return d.Digest.String()
	}
	return platform.Format(*d.Platform) + " (" + d.Digest.String() + ")"
}
