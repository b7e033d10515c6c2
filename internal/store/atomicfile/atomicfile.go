// Package atomicfile writes files that other processes read and write at the same
// time, and locks them.
package atomicfile

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// tempSuffix follows the name of a file in those of its temporary files.
const tempSuffix = ".manifest-tool-"

// Write writes a file so that it is complete or absent under its name, whatever
// interrupts it: to a temporary file in the same directory, which is synced and
// renamed. Temporary files that a killed run left for the same file are removed.
// Missing directories are created.
func Write(path string, r io.Reader) error { return writeAndRename(path, r, os.Rename) }

// Create is Write, except that an existing file stays as it is, even if another
// process creates it at the same moment.
func Create(path string, r io.Reader) error {
	return writeAndRename(path, r, func(tmp, path string) error {
		err := os.Link(tmp, path)
		if err == nil || Exists(path) {
			return removeTemp(tmp)
		}
		return os.Rename(tmp, path) // a file system without hard links
	})
}

// writeAndRename writes a temporary file and calls rename to give it its name.
func writeAndRename(path string, r io.Reader, rename func(tmp, path string) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	tmp, err := createTemp(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(tmp, r)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		_ = os.Remove(tmp.Name())
		return err
	}
	err = rename(tmp.Name(), path)
	if errors.Is(err, fs.ErrNotExist) && Exists(path) {
		err = nil // another writer of the same file was faster, and cleaned up
	}
	removeTempFiles(path)
	return err
}

// createTemp creates a temporary file in the directory of a file. It is not that of
// os.CreateTemp, whose files are readable only by their owner, even if the umask allows
// sharing.
func createTemp(path string) (*os.File, error) {
	name := "." + filepath.Base(path) + tempSuffix + rand.Text()
	return os.OpenFile(filepath.Join(filepath.Dir(path), name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) //nolint:gosec // the umask decides
}

// Exists reports whether a file exists and can be accessed.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// removeTemp removes a temporary file of this writer, unless another one that has written
// the file was faster and cleaned up.
func removeTemp(name string) error {
	err := os.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// removeTempFiles removes the temporary files of an existing file.
func removeTempFiles(path string) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "."+filepath.Base(path)+tempSuffix) {
			_ = os.Remove(filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
}
