package server

import "sync"

// recent remembers the values of the keys used last: at most twice limit, and at least
// limit. It is safe for concurrent use.
type recent[K comparable, V any] struct {
	limit int

	mu sync.Mutex
	// current are the keys used since it was empty; previous those of before.
	current, previous map[K]V
}

// get returns the value of a key, which create makes if it is not remembered.
func (r *recent[K, V]) get(key K, create func() V) V {
	r.mu.Lock()
	defer r.mu.Unlock()
	if value, found := r.current[key]; found {
		return value
	}
	value, found := r.previous[key]
	if !found {
		value = create()
	}
	if r.current == nil || len(r.current) >= r.limit {
		r.current, r.previous = map[K]V{}, r.current
	}
	r.current[key] = value
	return value
}
