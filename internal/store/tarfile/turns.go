package tarfile

import (
	"context"
	"sync"
)

// Turns orders the readers of compressed archives by the position of what they read, so
// that an archive is decompressed once or twice, and not once for each of them. The zero
// value is ready for use.
type Turns struct {
	mu  sync.Mutex
	all map[string]*queue
}

// Wait waits until it is the turn of a reader of the archive at path; offset is the
// position of the member. The caller calls done after it has read the member, and does
// not wait for another turn in between. The error is that of ctx.
func (t *Turns) Wait(ctx context.Context, path string, offset int64) (done func(), err error) {
	q := t.of(path)
	if err := q.acquire(ctx, offset); err != nil {
		return nil, err
	}
	return q.release, nil
}

func (t *Turns) of(path string) *queue {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = map[string]*queue{}
	}
	if t.all[path] == nil {
		t.all[path] = &queue{}
	}
	return t.all[path]
}

// queue admits one reader at a time: next the one that waits for the position closest
// after that of the last, or else for the first position of all.
type queue struct {
	mu      sync.Mutex
	busy    bool
	last    int64
	waiting []*waiter
}

type waiter struct {
	offset int64
	// admitted is closed when it is the waiter's turn.
	admitted chan struct{}
}

func (q *queue) acquire(ctx context.Context, offset int64) error {
	q.mu.Lock()
	if !q.busy {
		q.busy, q.last = true, offset
		q.mu.Unlock()
		return nil
	}
	w := &waiter{offset, make(chan struct{})}
	q.waiting = append(q.waiting, w)
	q.mu.Unlock()
	select {
	case <-w.admitted:
		return nil
	case <-ctx.Done():
		q.leave(w)
		return context.Cause(ctx)
	}
}

// leave gives up waiting. A turn that came at the same time is passed on.
func (q *queue) leave(w *waiter) {
	q.mu.Lock()
	for i, other := range q.waiting {
		if other == w {
			q.waiting = append(q.waiting[:i], q.waiting[i+1:]...)
			q.mu.Unlock()
			return
		}
	}
	q.mu.Unlock()
	q.release()
}

func (q *queue) release() {
	q.mu.Lock()
	defer q.mu.Unlock()
	next := -1
	for i, w := range q.waiting {
		if next < 0 || q.isBefore(w.offset, q.waiting[next].offset) {
			next = i
		}
	}
	if next < 0 {
		q.busy = false
		return
	}
	w := q.waiting[next]
	q.waiting = append(q.waiting[:next], q.waiting[next+1:]...)
	q.last = w.offset
	close(w.admitted)
}

// isBefore reports whether a position is reached before another one. Those before the
// last position are reached from the beginning, after all others.
func (q *queue) isBefore(a, b int64) bool {
	if ahead := a >= q.last; ahead != (b >= q.last) {
		return ahead
	}
	return a < b
}
