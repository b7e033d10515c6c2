package store

import (
	"context"
	"fmt"
	"os"
	"time"
)

// lockLimit is how long another process may change a layout before ours gives
// up; lockPause is how often it is looked whether it is done.
const (
	lockLimit = 30 * time.Second
	lockPause = 10 * time.Millisecond
)

// withLockTimeout is ctx for a change of a layout, which ends when others have been
// waited for long enough.
func withLockTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, lockLimit, fmt.Errorf("another process has been changing it for %s", lockLimit))
}

// lock waits until no other process changes the layout whose marker file is
// open, or ctx ends. Closing the file gives it back, and so does the end of the
// process. It asks again and again, as the system's own way to wait does not end
// with ctx.
func lock(ctx context.Context, marker *os.File) error {
	for {
		locked, err := tryLock(marker)
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
