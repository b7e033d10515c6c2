//go:build !windows

package atomicfile

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
)

// openScratch opens a file and removes its name at once.
func openScratch(path string) (*os.File, error) {
	name := "." + filepath.Base(path) + tempSuffix + rand.Text()
	f, err := os.OpenFile(filepath.Join(filepath.Dir(path), name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := removeTemp(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
