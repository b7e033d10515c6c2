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

// lock waits until no other process changes the layout whose marker file is
// open, for lockLimit at most. Closing the file ends it, and so does the end of
// the process. It asks again and again, as the system's own way to wait does not
// end with ctx.
func lock(ctx context.Context, marker *os.File) error {
	limited, cancel := context.WithTimeoutCause(ctx, lockLimit, fmt.Errorf("another process has been changing it for %s", lockLimit))
	defer cancel()
	for {
		locked, err := tryLock(marker)
		if locked || err != nil {
			return err
		}
		select {
		case <-limited.Done():
			return context.Cause(limited)
		case <-time.After(lockPause):
		}
	}
}
