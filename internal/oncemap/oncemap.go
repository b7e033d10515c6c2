// Package oncemap runs work once for each key, however many callers need its
// result at the same time.
//
// Unlike sync.OnceValue it survives a cancelled caller: work that failed
// because the context of its caller ended is not stored, and the next caller
// runs it again. Waiting ends with the context of the one who waits.
package oncemap

import (
	"context"
	"sync"
)

// Map holds the results of work by key. The zero value is ready for use, and it
// is safe for concurrent use.
type Map[K comparable, V any] struct {
	mu      sync.Mutex
	results map[K]*result[V]
}

// result is the work for one key. The channel holds a token while a caller runs
// the work or reads its result.
type result[V any] struct {
	turn  chan struct{}
	done  bool
	value V
	err   error
}

// Do returns the result of work for a key. The first caller runs work and the
// others wait for it; errors are results too. The error is the cause of ctx if
// ctx ends before a result is there.
func (m *Map[K, V]) Do(ctx context.Context, key K, work func() (V, error)) (V, error) {
	r := m.result(key)
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		var none V
		return none, context.Cause(ctx)
	}
	if r.done {
		return r.value, r.err
	}
	value, err := work()
	if err != nil && ctx.Err() != nil {
		return value, err
	}
	r.value, r.err, r.done = value, err, true
	return value, err
}

// Wait returns the stored result for a key, and whether there is one. It runs no
// work, but waits for work in progress.
func (m *Map[K, V]) Wait(key K) (value V, stored bool, err error) {
	m.mu.Lock()
	r := m.results[key]
	m.mu.Unlock()
	if r == nil {
		return value, false, nil
	}
	r.turn <- struct{}{}
	defer func() { <-r.turn }()
	return r.value, r.done, r.err
}

func (m *Map[K, V]) result(key K) *result[V] {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.results[key]
	if r == nil {
		if m.results == nil {
			m.results = map[K]*result[V]{}
		}
		r = &result[V]{turn: make(chan struct{}, 1)}
		m.results[key] = r
	}
	return r
}
