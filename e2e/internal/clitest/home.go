//go:build e2e

package clitest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// WithSettings returns a session of a new user whose settings file holds the
// text.
func WithSettings(t *testing.T, text string) Session {
	t.Helper()
	home := t.TempDir()
	path := filepath.Join(home, ".config", "manifest-tool", "config.yaml")
	Must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	Must(t, os.WriteFile(path, []byte(text), 0o600))
	return Session{Home: home}
}

// WithHomeFiles returns a session of a new user. Dir, a directory in the user's
// home, holds a copy of each of the files: the keys are the new names, the
// values the paths to copy from.
func WithHomeFiles(t *testing.T, folder string, files map[string]string) Session {
	t.Helper()
	home := t.TempDir()
	Must(t, os.MkdirAll(filepath.Join(home, folder), 0o700))
	for name, from := range files {
		raw, err := os.ReadFile(from)
		Must(t, err)
		Must(t, os.WriteFile(filepath.Join(home, folder, name), raw, 0o600))
	}
	return Session{Home: home}
}

// WriteSpec writes a spec into a new file spec.yaml, with REGISTRY replaced by
// the host, and returns the path of the file.
func WriteSpec(t *testing.T, host, spec string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "spec.yaml")
	Must(t, os.WriteFile(path, []byte(strings.ReplaceAll(spec, "REGISTRY", host)), 0o600))
	return path
}
