package manifest

import "sync"

// once is work that is done a single time for each key, by whoever comes first;
// the others wait for the result. The zero value is ready.
type once[T any] struct {
	mu   sync.Mutex
	done map[string]func() T
}

func (o *once[T]) do(key string, work func() T) T {
	o.mu.Lock()
	if o.done == nil {
		o.done = map[string]func() T{}
	}
	f, known := o.done[key]
	if !known {
		f = sync.OnceValue(work)
		o.done[key] = f
	}
	o.mu.Unlock()
	return f()
}
