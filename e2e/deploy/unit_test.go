//go:build e2e

package deploy

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

const program = "/usr/local/bin/manifest-tool"

// TestUnitStartsServe starts the service as its unit does.
func TestUnitStartsServe(t *testing.T) {
	t.Parallel()
	var line, env []string
	for text := range strings.Lines(read(t, "manifest-tool.service")) {
		switch name, value, _ := strings.Cut(strings.TrimSpace(text), "="); name {
		case "ExecStart":
			line = strings.Fields(value)
		case "Environment":
			env = append(env, value)
		}
	}
	if len(line) == 0 || line[0] != program {
		t.Fatalf("the unit starts %q, want %s", line, program)
	}
	wantVariables(t, env)
	v := clitest.Session{Env: env}.Serve(t, arguments(t, line)...)
	wantStatus(t, v, "/readyz", http.StatusOK)
}

// TestUnitIsValid has systemd read the unit, and weigh what it lets the service do: 0
// is nothing, 10 (100 here) everything.
func TestUnitIsValid(t *testing.T) {
	t.Parallel()
	systemd, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze, which is part of systemd, is not installed")
	}
	unit := strings.Replace(read(t, "manifest-tool.service"), program, clitest.Binary(), 1)
	path := filepath.Join(t.TempDir(), "manifest-tool.service")
	clitest.Must(t, os.WriteFile(path, []byte(unit), 0o600))
	for _, args := range [][]string{{"verify", path}, {"security", "--offline=true", "--threshold=15", path}} {
		if r := (clitest.Session{}).RunProgram(t, systemd, args...); r.Code != 0 || strings.Contains(r.Stderr, "Unknown") {
			t.Errorf("systemd-analyze %s: exit code %d\n%s%s", args[0], r.Code, r.Stdout, r.Stderr)
		}
	}
}
