package cache

import (
	"context"
	"time"
)

const (
	// lockTTL is how long a machine may hold the lock of a key. If it takes longer, or
	// ends before it is done, another one starts.
	lockTTL = 10 * time.Second
	// lockPoll is the pause between two looks at what another machine is fetching.
	lockPoll = 25 * time.Millisecond
)

// locked does work on one machine and returns what another one stored, if that was
// first. If the Storage fails, the work is done here.
func locked[T any](ctx context.Context, c *Cache, key string, stored func(context.Context) (T, bool), work func(context.Context) T) (T, error) {
	for {
		unlock, acquired, err := c.Storage.Lock(ctx, "lock/"+key, lockTTL)
		if err != nil {
			c.Problem(err)
			return work(ctx), nil
		}
		if value, found := stored(ctx); found {
			unlock()
			return value, nil
		}
		if acquired {
			defer unlock()
			return work(ctx), nil
		}
		select {
		case <-time.After(lockPoll):
		case <-ctx.Done():
			var none T
			return none, context.Cause(ctx)
		}
	}
}
