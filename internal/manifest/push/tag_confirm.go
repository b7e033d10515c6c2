package push

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/transport"
)

// readBack is what a tag names now. With --confirm its bytes are read and
// hashed, and a registry that calls them by another digest is not believed;
// otherwise with HEAD.
func (t *tagPusher) readBack(ctx context.Context, ref reference.Ref) tagState {
	if !t.o.Confirm {
		return lookUpTag(ctx, t.w, ref)
	}
	var differs transport.DigestHeaderError
	o, err := unshared(t.w).Get(transport.With(ctx, transport.OnDigestMismatch(func(e *transport.DigestHeaderError) { differs = *e })), ref)
	switch {
	case differs.Claimed != "":
		return tagState{Err: &differs}
	case errors.Is(err, store.ErrNotFound):
		return tagState{}
	}
	return tagState{o.Descriptor.Digest, err}
}

// mayStillChange reports whether a tag that is not as it should be may be so in a
// moment. Bytes and digest of one response never will.
func (p tagState) mayStillChange() bool {
	var differs *transport.DigestHeaderError
	return !errors.As(p.Err, &differs)
}

// childrenIntact reads the children of the index that is there, and reports whether the
// registry has them all. What it sent in their place is recorded, and
// checked again after they were pushed again.
func (t *tagPusher) childrenIntact(ctx context.Context) bool {
	index, err := manifest.ParseIndex(t.plan.Index.Raw)
	if err != nil {
		return false
	}
	unreadable := t.unreadableChildren(ctx, index.Manifests)
	for _, c := range unreadable {
		if !errors.Is(c.err, store.ErrNotFound) {
			t.corruptChildren = append(t.corruptChildren, c.desc)
		}
	}
	return len(unreadable) == 0
}

// unreadableChild is a child of the index that cannot be read, with the reason.
type unreadableChild struct {
	desc ocispec.Descriptor
	err  error
}

// unreadableChildren reads and hashes children and returns those that fail.
func (t *tagPusher) unreadableChildren(ctx context.Context, children []ocispec.Descriptor) []unreadableChild {
	all := make([]unreadableChild, len(children))
	var wg sync.WaitGroup
	for i, d := range children {
		wg.Go(func() {
			_, err := manifest.FetchChild(ctx, unshared(t.w), t.plan.Target, d)
			all[i] = unreadableChild{d, err}
		})
	}
	wg.Wait()
	return slices.DeleteFunc(all, func(c unreadableChild) bool { return c.err == nil })
}

// confirmChildren reads the children again that were corrupt before the push: a
// registry keeps what it has under a digest, so pushing them may have had no
// effect.
func (t *tagPusher) confirmChildren(ctx context.Context) {
	for _, c := range t.unreadableChildren(ctx, t.corruptChildren) {
		for k := range t.results {
			if r := &t.results[k]; r.Err == nil {
				r.Err = &UnconfirmedError{t.plan.Target.WithTag(r.Tag), fmt.Errorf("what the registry has for %s is not what was pushed: %w", describeEntry(c.desc), c.err)}
			}
		}
	}
}
