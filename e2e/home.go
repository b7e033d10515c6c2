//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// settings writes a settings file for a fresh user and returns the user.
func settings(t *testing.T, text string) session {
	t.Helper()
	home := t.TempDir()
	path := filepath.Join(home, ".config", "manifest-tool", "config.yaml")
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return session{Home: home}
}

// certFolder puts files into a folder of a fresh user's home.
func certFolder(t *testing.T, folder string, files map[string]string) session {
	t.Helper()
	home := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(home, folder), 0o700))
	for name, from := range files {
		raw, err := os.ReadFile(from)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(home, folder, name), raw, 0o600))
	}
	return session{Home: home}
}

// specFile writes a spec, with REGISTRY replaced by the host, to a file
// spec.yaml and returns its path.
func specFile(t *testing.T, host, spec string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "spec.yaml")
	must(t, os.WriteFile(path, []byte(strings.ReplaceAll(spec, "REGISTRY", host)), 0o600))
	return path
}
