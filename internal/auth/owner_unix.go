//go:build unix

package auth

import (
	"io/fs"
	"os"
	"syscall"
)

// preserveOwner gives a file the owner of the one it will replace: root, logging in
// with a user's home folder, must not lock that user out. Whoever may not do
// that is the owner already.
func preserveOwner(f *os.File, before fs.FileInfo) {
	if stat, ok := before.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(stat.Uid), int(stat.Gid))
	}
}
