package auth

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// save replaces a file of logins atomically: it writes and syncs a temporary file
// with mode 0600 in the same directory, and renames it. A symbolic link is followed
// and kept; the file keeps its owner.
func save(path string, data []byte) error {
	target, err := resolveSymlinks(path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".manifest-tool-*") // its mode is 0600
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if before, statErr := os.Stat(target); err == nil && statErr == nil {
		preserveOwner(tmp, before)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), target)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}

// resolveSymlinks returns the file that a path refers to. It need not exist.
func resolveSymlinks(path string) (string, error) {
	for range 40 { // the limit of Linux
		info, err := os.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return path, nil
		case err != nil:
			return "", err
		case info.Mode()&fs.ModeSymlink == 0:
			if !info.Mode().IsRegular() {
				return "", fmt.Errorf("%q is not a regular file", path)
			}
			return path, nil
		}
		next, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(next) {
			next = filepath.Join(filepath.Dir(path), next)
		}
		path = next
	}
	return "", fmt.Errorf("%q: too many links", path)
}
