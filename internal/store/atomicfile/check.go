package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
)

// CheckReplace returns the error that Replace would return for a file: its directory
// does not exist or cannot be written to, or its name is that of a directory or a
// device. It creates a temporary file and removes it, and leaves the file as it is.
func CheckReplace(path string) error {
	target, err := resolveSymlinks(path)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+tempSuffix+"*")
	if err != nil {
		return err
	}
	return errors.Join(tmp.Close(), removeTemp(tmp.Name()))
}
