package store

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// tempSuffix ends the names of files that are being written.
const tempSuffix = ".manifest-tool-"

// writeAtomic writes a file so that it is whole or absent under its name,
// whatever interrupts it: a temporary file beside it, synced, then renamed.
// What an earlier, killed run left of the same file is removed.
func writeAtomic(path string, r io.Reader) error { return renameInto(path, r, os.Rename) }

// createAtomic is writeAtomic for a file that stays as it is where it is there,
// also where another process makes it at the same moment.
func createAtomic(path string, r io.Reader) error {
	return renameInto(path, r, func(tmp, path string) error {
		err := os.Link(tmp, path)
		if err == nil || exists(path) {
			return os.Remove(tmp)
		}
		return os.Rename(tmp, path) // a file system without hard links
	})
}

// renameInto writes a temporary file and has place give it its name.
func renameInto(path string, r io.Reader, place func(tmp, path string) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	// Not os.CreateTemp: its files are for their owner alone, whatever the
	// umask says of files that are to be shared.
	name := "." + filepath.Base(path) + tempSuffix + rand.Text()
	tmp, err := os.OpenFile(filepath.Join(filepath.Dir(path), name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) //nolint:gosec // the umask decides
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
	err = place(tmp.Name(), path)
	if errors.Is(err, fs.ErrNotExist) && exists(path) {
		err = nil // another writer of the same file was quicker, and tidied up
	}
	removeTempFiles(path)
	return err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// removeTempFiles removes the temporary files of a file that is there now.
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
