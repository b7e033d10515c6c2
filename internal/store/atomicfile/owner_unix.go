//go:build unix

package atomicfile

import (
	"io/fs"
	"os"
	"syscall"
)

// preserveOwner gives a file the owner of the one that it replaces, so that a login
// by root with a user's home directory does not lock that user out. A user without
// the permission to do so is the owner already.
func preserveOwner(f *os.File, before fs.FileInfo) {
	if stat, ok := before.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(stat.Uid), int(stat.Gid))
	}
}
