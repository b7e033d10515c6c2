package cache

import (
	"context"
	"time"
)

const (
	// lockTTL is how long a machine may hold the lock of a key: longer than a fetch.
	lockTTL = 40 * time.Second
	// lockPoll is the pause between two looks at what another machine is fetching.
	lockPoll = 25 * time.Millisecond
)

// locked does work on one machine and returns what another one stored, if that was
// first. If the Storage fails, or the other machine does not finish, the work is
// done here.
func locked[T any](ctx context.Context, c *Cache, key string, stored func() (T, bool), work func() (T, error)) (T, error) {
	for end := time.Now().Add(lockTTL); ; {
		unlock, acquired, err := c.Storage.Lock(ctx, "lock/"+key, lockTTL)
		if err != nil {
			c.Problem(err)
			return work()
		}
		if acquired {
			defer unlock()
			if value, found := stored(); found {
				return value, nil
			}
			return work()
		}
		if value, found := stored(); found {
			return value, nil
		}
		if time.Now().After(end) {
			return work()
		}
		select {
		case <-time.After(lockPoll):
		case <-ctx.Done():
			var none T
			return none, context.Cause(ctx)
		}
	}
}
