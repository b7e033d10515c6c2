package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace replaces or creates a file of a user's settings or logins: it writes and syncs
// a temporary file in the same directory, and renames it. The file has the given mode
// and keeps its owner. A symbolic link is followed and kept, even if its target does not
// exist. Missing directories are created, for their owner only.
func Replace(path string, data []byte, mode fs.FileMode) error {
	target, err := resolveSymlinks(path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+tempSuffix+"*") // its mode is 0600
	if err != nil {
		return err
	}
	return replaceWith(tmp, target, data, mode)
}

// ReplaceOutput is Replace for a file without secrets: a file that exists keeps its
// mode, and that of a new one is what the umask allows.
func ReplaceOutput(path string, data []byte) error {
	target, err := resolveSymlinks(path)
	if err != nil {
		return err
	}
	tmp, err := createTemp(target)
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil {
		info, err = tmp.Stat()
	}
	if err != nil {
		return errors.Join(err, tmp.Close(), os.Remove(tmp.Name()))
	}
	return replaceWith(tmp, target, data, info.Mode().Perm())
}

// replaceWith writes a temporary file and gives it the name of target. It is removed if
// that fails.
func replaceWith(tmp *os.File, target string, data []byte, mode fs.FileMode) error {
	_, err := tmp.Write(data)
	if before, statErr := os.Stat(target); err == nil && statErr == nil {
		preserveOwner(tmp, before)
	}
	if err == nil {
		err = errors.Join(tmp.Chmod(mode), tmp.Sync())
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
