//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// binaryVar names the environment variable that holds the path of the binary
// under test. Set beforehand, that binary is tested instead of a new one.
const binaryVar = "MANIFEST_TOOL_E2E_BINARY"

// The version and commit the tests build into the binary.
const (
	builtVersion = "0.0.0-e2e"
	builtCommit  = "e2ec0mm17"
)

// buildPrefix starts the name of the folder the tests build the binary into.
const buildPrefix = "manifest-tool-e2e-"

// builtHere says whether the binary under test was built by these tests.
func builtHere() bool {
	return strings.HasPrefix(filepath.Base(filepath.Dir(os.Getenv(binaryVar))), buildPrefix)
}

// withBinary builds the product, makes its path known to the tests, runs them
// and removes it again. It returns the exit code for the test binary.
func withBinary(m *testing.M) int {
	if os.Getenv(binaryVar) != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", buildPrefix)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)

	path, err := buildBinary(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := os.Setenv(binaryVar, path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// buildBinary builds the project's root package into dir and returns the path
// of the binary.
func buildBinary(dir string) (string, error) {
	path := filepath.Join(dir, "manifest-tool")
	ldflags := "-X main.version=" + builtVersion + " -X main.commit=" + builtCommit
	build := exec.Command("go", "build", "-o", path, "-ldflags", ldflags, "manifest-tool")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the binary under test: %w\n%s", err, out)
	}
	return path, nil
}
