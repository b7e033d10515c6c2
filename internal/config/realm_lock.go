package config

import (
	"context"
	"io/fs"
	"os"

	"manifest-tool/internal/store/atomicfile"
)

// lockDirectory waits until no other process edits the settings in a directory, which
// is created if it does not exist. The file itself cannot be locked, since an edit
// replaces it. A file system without locks is used without one.
func lockDirectory(ctx context.Context, dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	ctx, cancel := atomicfile.WithLockTimeout(ctx)
	defer cancel()
	if err := atomicfile.Lock(ctx, f); err != nil && ctx.Err() != nil {
		_ = f.Close()
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}

// modeOf returns the permissions of a settings file, those of a new one if it does not
// exist.
func modeOf(path string) fs.FileMode {
	if info, err := os.Stat(path); err == nil {
		return info.Mode().Perm()
	}
	return 0o600
}
