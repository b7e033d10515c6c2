//go:build e2e

package clitest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// settings writes a settings file for a fresh user and returns the user.
func WithSettings(t *testing.T, text string) Session {
	t.Helper()
	home := t.TempDir()
	path := filepath.Join(home, ".config", "manifest-tool", "config.yaml")
	Must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	Must(t, os.WriteFile(path, []byte(text), 0o600))
	return Session{Home: home}
}

// certFolder puts files into a folder of a fresh user's home.
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

// specFile writes a spec, with REGISTRY replaced by the host, to a file
// spec.yaml and returns its path.
func WriteSpec(t *testing.T, host, spec string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "spec.yaml")
	Must(t, os.WriteFile(path, []byte(strings.ReplaceAll(spec, "REGISTRY", host)), 0o600))
	return path
}
