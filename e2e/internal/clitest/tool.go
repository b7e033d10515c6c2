//go:build e2e

package clitest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// FindTool returns the path of a program other than the binary under test. If
// it is missing the test fails, unless e2e/install has recorded that it is
// unavailable on this machine: then the test is skipped for that reason.
func FindTool(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		reason, err := os.ReadFile(filepath.Join(dir, name+".unavailable"))
		if err == nil {
			t.Skipf("%s is unavailable here: %s", name, strings.TrimSpace(string(reason)))
		}
	}
	t.Fatalf("%s is not in PATH: run the tests with \"make test\", which installs it", name)
	return ""
}

// MustRunTool runs another program of PATH, which must succeed, and returns its
// standard output.
func (s Session) MustRunTool(t *testing.T, name string, args ...string) string {
	t.Helper()
	done := s.RunProgram(t, FindTool(t, name), args...)
	if done.Code != 0 {
		t.Fatalf("%s %s: exit code %d\nstdout: %s\nstderr: %s",
			name, strings.Join(args, " "), done.Code, done.Stdout, done.Stderr)
	}
	return done.Stdout
}
