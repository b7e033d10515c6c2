package cache

import (
	"context"
	"time"
)

// Storage keeps values by key for a time. A failure of a Storage never fails a
// request: the value is then read from the registry.
type Storage interface {
	// Get returns the value of a key, and whether there is one.
	Get(ctx context.Context, key string) (value []byte, found bool, err error)
	// Set stores a value for at most ttl. It may drop it, or others, at any time.
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	// Lock takes the lock of a key for at most ttl, so that one machine does the work
	// that all need. acquired is false if another one has it. unlock is never nil.
	Lock(ctx context.Context, key string, ttl time.Duration) (unlock func(), acquired bool, err error)
}
