//go:build e2e

package clitest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// BinaryEnv is the environment variable with the absolute path of the binary
// under test. If it is set, the tests run that binary and build none, so that a
// run of several packages needs one build.
const BinaryEnv = "MANIFEST_TOOL_E2E_BINARY"

// The version and commit of the binary under test. The Makefile builds with
// the same ones.
const (
	BuiltVersion = "0.0.0-e2e"
	BuiltCommit  = "e2ec0mm17"
)

// buildPrefix starts the name of the directory that the binary is built into.
const buildPrefix = "manifest-tool-e2e-"

// Binary returns the path of the binary under test.
func Binary() string { return os.Getenv(BinaryEnv) }

// IsTestBuild reports whether the binary under test was built for the tests,
// with BuiltVersion and BuiltCommit.
func IsTestBuild() bool {
	return strings.HasPrefix(filepath.Base(filepath.Dir(Binary())), buildPrefix)
}

// Main is the TestMain of a package whose tests run the binary. It builds the
// binary unless BinaryEnv names one, runs the tests, removes what it built and
// exits with the exit code of the tests.
func Main(m *testing.M) {
	if Binary() != "" {
		os.Exit(m.Run())
	}
	dir, err := os.MkdirTemp("", buildPrefix)
	if err == nil {
		err = buildBinary(filepath.Join(dir, "manifest-tool"))
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// buildBinary builds the module's main package as the file path, and makes it
// the binary under test.
func buildBinary(path string) error {
	ldflags := "-X main.version=" + BuiltVersion + " -X main.commit=" + BuiltCommit
	build := exec.Command("go", "build", "-trimpath", "-o", path, "-ldflags", ldflags, "manifest-tool")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // with -trimpath, as releases are built
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the binary under test: %w\n%s", err, out)
	}
	return os.Setenv(BinaryEnv, path)
}
