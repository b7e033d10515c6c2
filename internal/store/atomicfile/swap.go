package atomicfile

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// ErrChanged is returned by Swap if the file is not the one that was read.
var ErrChanged = errors.New("another process has changed the file")

// Swap writes a file like Write, in place of the one that before describes; nil means
// that there is no file. Of several processes that swap the same file one
// succeeds, and the others get ErrChanged: they read it again. The new file has the
// mode and the owner of the old one. A symbolic link is followed and kept, also if its
// file does not exist yet. Missing
// directories are created.
func Swap(ctx context.Context, path string, before fs.FileInfo, write func(io.Writer) error) error {
	path, err := resolveSymlinks(path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	tmp, err := createTemp(path)
	if err != nil {
		return err
	}
	err = write(tmp)
	if err == nil && before != nil {
		preserveOwner(tmp, before)
		err = tmp.Chmod(before.Mode().Perm())
	}
	if err == nil {
		err = tmp.Sync()
	}
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = exchange(ctx, tmp.Name(), path, before)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return err
	}
	removeTempFiles(path)
	return nil
}

// exchange gives a temporary file its name, if the file there is still the same.
func exchange(ctx context.Context, tmp, path string, before fs.FileInfo) error {
	if before == nil {
		err := os.Link(tmp, path)
		switch {
		case err == nil:
			return removeTemp(tmp)
		case Exists(path):
			return ErrChanged
		}
		return rename(tmp, path) // a file system without hard links
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrChanged
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if err := Lock(ctx, f); err != nil {
		return err
	}
	now, err := os.Stat(path)
	if err != nil || !os.SameFile(now, before) || now.Size() != before.Size() || !now.ModTime().Equal(before.ModTime()) {
		return ErrChanged
	}
	if runtime.GOOS == "windows" { // an open file cannot be replaced, and is not locked
		_ = f.Close()
	}
	return rename(tmp, path)
}

// rename returns ErrChanged if a writer that was faster removed the temporary file.
func rename(tmp, path string) error {
	err := os.Rename(tmp, path)
	if errors.Is(err, fs.ErrNotExist) && Exists(path) {
		return ErrChanged
	}
	return err
}
