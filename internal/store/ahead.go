package store

import (
	"cmp"
	"context"
	"io"
	"sync"

	"manifest-tool/internal/store/wire"
)

// ahead is a blob that may have been opened before its bytes are needed, so
// that reading the source and asking the target cost one round trip, not two.
type ahead struct {
	open   func() (io.ReadCloser, error)
	cancel context.CancelFunc
}

// readAhead opens a blob at once where the target most likely lacks it, and
// when it is asked for where it may have it. Within a registry, where it is
// most likely mounted, it waits too.
func (r *registry) readAhead(ctx context.Context, b blob) *ahead {
	ctx, cancel := context.WithCancel(ctx)
	a := &ahead{cancel: cancel, open: sync.OnceValues(func() (io.ReadCloser, error) { return b.open(ctx) })}
	if b.absent && !b.near {
		go func() { _, _ = a.open() }()
	}
	return a
}

// take returns the blob from its beginning, once.
func (a *ahead) take() (io.ReadCloser, error) { return a.open() }

// discard ends the reading, whether the blob was taken or not.
func (a *ahead) discard() {
	a.cancel()
	if body, err := a.open(); err == nil {
		_ = body.Close()
	}
}

// turns limits how many blobs are streamed from a registry into itself: each
// holds a connection for reading while it waits for one to write on.
type turns chan struct{}

// turnsByHost are the turns of each registry.
type turnsByHost struct {
	mu  sync.Mutex
	all map[string]turns
}

func (t *turnsByHost) at(registry string, w *wire.Transport) turns {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = map[string]turns{}
	}
	if t.all[registry] == nil {
		t.all[registry] = newTurns(w.Jobs(registry))
	}
	return t.all[registry]
}

// newTurns leaves half of the connections to the writing side.
func newTurns(jobs int) turns {
	return make(turns, max(1, cmp.Or(max(jobs, 0), 32)/2))
}

func (t turns) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t turns) give() { <-t }
