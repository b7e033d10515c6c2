//go:build e2e

// Package deploy has tests of the files in docs/deploy: the programs that read them
// accept them, and serve runs as they start it.
package deploy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }

// read returns a file of docs/deploy.
func read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("../../docs/deploy", filepath.FromSlash(name)))
	clitest.Must(t, err)
	return string(raw)
}

// arguments returns a command line of serve without the program, the command and the
// address to listen at.
func arguments(t *testing.T, line []string) (args []string) {
	t.Helper()
	at := slices.Index(line, "serve")
	if at < 0 {
		t.Fatalf("%q does not run serve", line)
	}
	for _, arg := range line[at+1:] {
		name, value, joined := strings.Cut(arg, "=")
		args = append(args, name)
		if joined {
			args = append(args, value)
		}
	}
	if at := slices.Index(args, "--listen"); at >= 0 {
		args = slices.Delete(args, at, at+2)
	}
	return args
}

// wantVariables checks that docs/config.md describes the variables of the product, of
// which a misspelled one would have no effect.
func wantVariables(t *testing.T, env []string) {
	t.Helper()
	settings, err := os.ReadFile("../../docs/config.md")
	clitest.Must(t, err)
	for _, entry := range env {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "MANIFEST_TOOL_") && !strings.Contains(string(settings), "`"+name+"`") {
			t.Errorf("the variable %s does not exist", name)
		}
	}
}
