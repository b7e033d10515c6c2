package config

import (
	"errors"
	"os"
	"path/filepath"

	"manifest-tool/internal/errtext"
)

// replaceFile replaces a file in one step, and keeps its mode. A symbolic link is
// followed and kept.
func replaceFile(path string, data []byte) error {
	mode := os.FileMode(0o600)
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
		if info, err := os.Stat(path); err == nil {
			mode = info.Mode().Perm()
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return errtext.WithoutPath(err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".manifest-tool-*")
	if err != nil {
		return errtext.WithoutPath(err)
	}
	_, err = tmp.Write(data)
	if err == nil {
		err = errors.Join(tmp.Chmod(mode), tmp.Sync())
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return errtext.WithoutPath(err)
	}
	return nil
}
