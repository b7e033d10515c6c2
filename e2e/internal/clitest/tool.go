//go:build e2e

package clitest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tool returns the path of a program the tests need besides the binary. A
// missing one fails the test, except where e2e/install has left a note that it
// cannot be had on this machine: then the test is skipped with that reason.
func FindTool(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
		note, err := os.ReadFile(filepath.Join(folder, name+".unavailable"))
		if err == nil {
			t.Skipf("%s cannot be had here: %s", name, strings.TrimSpace(string(note)))
		}
	}
	t.Fatalf("%s is not in PATH: run the tests with \"make test\", which installs it", name)
	return ""
}

// MustRunTool runs another client, which must succeed, and returns its output.
func (s Session) MustRunTool(t *testing.T, name string, args ...string) string {
	t.Helper()
	done := s.RunProgram(t, FindTool(t, name), args...)
	if done.Code != 0 {
		t.Fatalf("%s %s: exit code %d\nstdout: %s\nstderr: %s",
			name, strings.Join(args, " "), done.Code, done.Stdout, done.Stderr)
	}
	return done.Stdout
}
