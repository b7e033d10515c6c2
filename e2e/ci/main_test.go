//go:build e2e

// Package ci has tests of the files for CI services: the workflows and the action of
// GitHub, the component of GitLab, the task of Tekton, and the examples of docs/ci.
// Their scripts run in the shells that the services start, with the variables that
// they set.
package ci

import (
	"os"
	"testing"

	"sigs.k8s.io/yaml"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }

// read returns a file of the repository.
func read(t *testing.T, path ...string) string {
	t.Helper()
	raw, err := os.ReadFile(clitest.RepoPath(path...))
	clitest.Must(t, err)
	return string(raw)
}

// decode decodes YAML. A key that the type does not have is an error, so that a
// misspelled one is found.
func decode(t *testing.T, text string, to any) {
	t.Helper()
	clitest.Must(t, yaml.UnmarshalStrict([]byte(text), to))
}

// decodeSome decodes YAML into a type that has only the keys that a test reads.
func decodeSome(t *testing.T, text string, to any) {
	t.Helper()
	clitest.Must(t, yaml.Unmarshal([]byte(text), to))
}

// write writes a file and returns its path.
func write(t *testing.T, path, text string) string {
	t.Helper()
	clitest.Must(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}
