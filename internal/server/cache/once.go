package cache

import (
	"context"
	"fmt"
)

// flight is the result of once.
type flight[T any] struct {
	value T
	// hit is set if it was stored.
	hit bool
}

// once returns what is stored for a key, or does work for it, once for all callers that
// need it at the same time, and on one machine of those that share the Storage. hit is
// set if it was stored. Each caller waits until its own ctx ends; the work ends with its own time
// limit, and a panic in it is an error.
func once[T any](ctx context.Context, c *Cache, key string, stored func(context.Context) (T, bool), work func(context.Context) T) (value T, hit bool, err error) {
	done := c.flights.DoChan(key, func() (_ any, err error) {
		// singleflight ends the process for a panic.
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("reading %s: panic: %v", key, p)
			}
		}()
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Times.Fetch)
		defer cancel()
		if value, found := stored(detached); found {
			return flight[T]{value, true}, nil
		}
		value, err := locked(detached, c, key, stored, work)
		return flight[T]{value: value}, err
	})
	select {
	case r := <-done:
		f, _ := r.Val.(flight[T]) // none after a panic
		return f.value, f.hit, r.Err
	case <-ctx.Done():
		return value, false, context.Cause(ctx)
	}
}
