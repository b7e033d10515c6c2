//go:build e2e

// Package plugin has tests of the command plugin: it runs as a step of Drone or of
// Woodpecker does, in a directory with a template and with the variables of a build.
package plugin

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }

// specPath is where most repositories have their template.
const specPath = "docker/manifest.tmpl"

// step is a step of a pipeline.
type step struct {
	files map[string]string
	env   []string
}

// run runs the step in a directory of its own.
func (s step) run(t *testing.T) clitest.Result {
	t.Helper()
	return s.session(t).Run(t, "plugin")
}

func (s step) session(t *testing.T) clitest.Session {
	t.Helper()
	dir := t.TempDir()
	for name, text := range s.files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		clitest.Must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		clitest.Must(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return clitest.Session{Dir: dir, Env: s.env}
}

// readFile returns a file of testdata/plugin, with the host in place of
// registry.example.com.
func readFile(t *testing.T, host string, elem ...string) string {
	t.Helper()
	raw, err := os.ReadFile(clitest.RepoPath(append([]string{"testdata", "plugin"}, elem...)...))
	clitest.Must(t, err)
	return strings.ReplaceAll(string(raw), "registry.example.com", host)
}

// buildVariables returns the variables of a build of testdata/plugin.
func buildVariables(t *testing.T, name string) []string {
	t.Helper()
	return strings.Fields(readFile(t, "", name+".env"))
}
