package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// temporary ends the names of files that are being written.
const temporary = ".manifest-tool-"

// writeFile writes a file so that it is whole or absent under its name,
// whatever interrupts it: a temporary file beside it, synced, then renamed.
// What an earlier, killed run left of the same file is removed.
func writeFile(path string, r io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+temporary+"*")
	if err != nil {
		return err
	}
	_, err = io.Copy(tmp, r)
	if err == nil {
		err = errors.Join(tmp.Chmod(0o644), tmp.Sync())
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		_ = os.Remove(tmp.Name())
		return err
	}
	err = os.Rename(tmp.Name(), path)
	if errors.Is(err, fs.ErrNotExist) && exists(path) {
		err = nil // another writer of the same file was quicker, and tidied up
	}
	removeLeftovers(path)
	return err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// removeLeftovers removes the temporary files of a file that is there now.
func removeLeftovers(path string) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "."+filepath.Base(path)+temporary) {
			_ = os.Remove(filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
}
