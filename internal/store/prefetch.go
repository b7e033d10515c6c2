package store

import (
	"cmp"
	"context"
	"io"
	"manifest-tool/internal/store/transport"
	"sync"
)

// prefetch is a blob that may have been opened before its bytes are needed, so
// that reading the source and asking the target cost one round trip, not two.
type prefetch struct {
	open   func() (io.ReadCloser, error)
	cancel context.CancelFunc
}

// readAhead opens a blob at once where the target most likely lacks it, and
// when it is asked for where it may have it. Within a registry, where it is
// most likely mounted, it waits too.
func (r *registry) readAhead(ctx context.Context, b transfer) *prefetch {
	ctx, cancel := context.WithCancel(ctx)
	a := &prefetch{cancel: cancel, open: sync.OnceValues(func() (io.ReadCloser, error) { return b.open(ctx) })}
	if b.absent && !b.sameHost {
		go func() { _, _ = a.open() }()
	}
	return a
}

// reader returns the blob from its beginning, once.
func (a *prefetch) reader() (io.ReadCloser, error) { return a.open() }

// close ends the reading, whether the blob was taken or not.
func (a *prefetch) close() {
	a.cancel()
	if body, err := a.open(); err == nil {
		_ = body.Close()
	}
}

// semaphore limits how many blobs are streamed from a registry into itself: each
// holds a connection for reading while it waits for one to write on.
type semaphore chan struct{}

// semaphores are the turns of each registry.
type semaphores struct {
	mu  sync.Mutex
	all map[string]semaphore
}

func (t *semaphores) at(registry string, w *transport.Transport) semaphore {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = map[string]semaphore{}
	}
	if t.all[registry] == nil {
		t.all[registry] = newTurns(w.Jobs(registry))
	}
	return t.all[registry]
}

// newTurns leaves half of the connections to the writing side.
func newTurns(jobs int) semaphore {
	return make(semaphore, max(1, cmp.Or(max(jobs, 0), 32)/2))
}

func (t semaphore) acquire(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t semaphore) release() { <-t }
