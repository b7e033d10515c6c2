package store

import (
	"cmp"
	"context"
	"io"
	"sync"

	"manifest-tool/internal/store/transport"
)

// prefetch is a blob that may be opened before its bytes are needed, so that the
// requests to source and target cost one round trip, not two.
type prefetch struct {
	open   func() (io.ReadCloser, error)
	cancel context.CancelFunc
}

// readAhead opens a blob at once if the target most likely does not have it,
// otherwise on the first read. Within one registry, where it is most likely
// mounted, it also waits for the first read.
func (r *registry) readAhead(ctx context.Context, b blobCopy) *prefetch {
	ctx, cancel := context.WithCancel(ctx)
	a := &prefetch{cancel: cancel, open: sync.OnceValues(func() (io.ReadCloser, error) { return b.open(ctx) })}
	if b.hints.Absent && !b.sameHost {
		go func() { _, _ = a.open() }()
	}
	return a
}

// reader returns the blob from its beginning, once.
func (a *prefetch) reader() (io.ReadCloser, error) { return a.open() }

// close stops reading, whether the blob was used or not.
func (a *prefetch) close() {
	a.cancel()
	if body, err := a.open(); err == nil {
		_ = body.Close()
	}
}

// semaphore limits how many blobs are streamed from a registry into itself: each
// holds a connection for reading while it waits for one to write on.
type semaphore chan struct{}

// semaphores holds the semaphore of each registry.
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
		t.all[registry] = newSemaphore(w.Jobs(registry))
	}
	return t.all[registry]
}

// newSemaphore leaves half of the connections for writing.
func newSemaphore(jobs int) semaphore {
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
