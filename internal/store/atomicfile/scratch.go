package atomicfile

import (
	"os"
	"path/filepath"
)

// Scratch opens a temporary file for what will be written to a path, on its file
// system. It is gone when it is closed or the process ends, however that happens. No
// directory is created: if that of the path does not exist, the file is in the closest
// one above.
func Scratch(path string) (*os.File, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	dir := filepath.Dir(path)
	for !Exists(dir) && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
	}
	return openScratch(filepath.Join(dir, filepath.Base(path)))
}
