package cache

import (
	"context"
	"fmt"
)

// once runs work for a key, however many callers need its result, and on one machine
// of those that share the Storage. stored returns the result of another caller or
// machine. Each caller waits until its own ctx ends; the work ends with its own time
// limit, and a panic in it is an error.
func once[T any](ctx context.Context, c *Cache, key string, stored func(context.Context) (T, bool), work func(context.Context) T) (T, error) {
	done := c.flights.DoChan(key, func() (value any, err error) {
		// singleflight ends the process for a panic.
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("reading %s: panic: %v", key, p)
			}
		}()
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Times.Fetch)
		defer cancel()
		return locked(detached, c, key, stored, work)
	})
	var none T
	select {
	case r := <-done:
		if value, ok := r.Val.(T); ok {
			return value, r.Err
		}
		return none, r.Err
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}
