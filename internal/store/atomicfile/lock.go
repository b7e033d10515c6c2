package atomicfile

import (
	"context"
	"fmt"
	"os"
	"time"
)

// LockTimeout is how long WithLockTimeout waits for other processes; lockPause is
// the interval between two attempts.
const (
	LockTimeout = 30 * time.Second
	lockPause   = 10 * time.Millisecond
)

// WithLockTimeout returns a context that ends after LockTimeout, with a cause that
// says that another process holds the lock.
func WithLockTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, LockTimeout, fmt.Errorf("another process has been changing it for %s", LockTimeout))
}

// Lock waits until no other process has locked an open file, or ctx ends, and locks
// it. Closing the file releases the lock, and so does the end of the process. It
// polls, since the wait of the operating system does not end with ctx.
func Lock(ctx context.Context, f *os.File) error {
	for {
		locked, err := TryLock(f)
		if locked || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(lockPause):
		}
	}
}
