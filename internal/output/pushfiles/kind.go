package pushfiles

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest/push"
	"manifest-tool/internal/store/atomicfile"
)

// kind is one of the files: its content and how it is written.
type kind struct {
	// origin is the flag or the variable that has the path.
	origin, path string
	render       func(indexes [][]push.Result, several bool) ([]byte, error)
	appends      bool
}

func (k kind) check() error {
	if k.appends {
		f, err := os.OpenFile(k.path, os.O_APPEND|os.O_WRONLY, 0)
		if err == nil {
			return f.Close()
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return errtext.WithoutPath(err)
		}
	}
	if !k.appends && isStream(k.path) {
		return errors.New("it is not a file of its own: -o 'template={{.Digest}}' prints the digest instead of the usual output")
	}
	err := atomicfile.CheckReplace(k.path)
	switch {
	case err == nil, overwrite(k.path, nil) == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("its directory does not exist")
	}
	return errtext.WithoutPath(err)
}

// isStream reports whether a path is that of a stream of this process, such as
// /dev/stdout. It may be a link to the file that the output goes to.
func isStream(path string) bool {
	switch filepath.Dir(filepath.Clean(path)) {
	case "/dev/fd", "/proc/self/fd":
		return true
	case "/dev":
		return slices.Contains([]string{"stdin", "stdout", "stderr"}, filepath.Base(path))
	}
	return false
}

// overwrite writes an existing file in place, where it cannot be replaced: if it is
// mounted alone, as /dev/termination-log in Kubernetes is, or if its directory may not be
// written to. Without data it changes nothing.
func overwrite(path string, data []byte) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	flag := os.O_WRONLY
	if data != nil {
		flag |= os.O_TRUNC
	}
	f, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

func (k kind) write(data []byte) error {
	if k.appends {
		return appendTo(k.path, data)
	}
	err := atomicfile.ReplaceOutput(k.path, data)
	if err != nil && overwrite(k.path, data) == nil {
		return nil
	}
	return err
}

// appendTo appends to a file, in a line of its own.
func appendTo(path string, data []byte) error {
	if !endsWithNewline(path) {
		data = append([]byte("\n"), data...)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// endsWithNewline reports whether the last line of a file is complete, as it is in an
// empty file.
func endsWithNewline(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return true
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return true
	}
	last := make([]byte, 1)
	_, err = f.ReadAt(last, info.Size()-1)
	return err != nil || last[0] == '\n'
}
