//go:build unix

package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// lock waits until no other process changes the layout whose marker file is
// open. Closing the file ends it, and so does the end of the process.
func lock(marker *os.File) error { return unix.Flock(int(marker.Fd()), unix.LOCK_EX) }
