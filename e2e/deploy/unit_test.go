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

// TestUnitServesAProxy starts the service with the settings that docs/serve.md has for
// the unit, and asks it as a proxy on the same machine does.
func TestUnitServesAProxy(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile("../../docs/serve.md")
	clitest.Must(t, err)
	_, rest, found := strings.Cut(string(docs), "```yaml\n")
	settings, _, ended := strings.Cut(rest, "```")
	if !found || !ended {
		t.Fatal("docs/serve.md has no settings")
	}
	etc := t.TempDir()
	clitest.Must(t, os.Mkdir(filepath.Join(etc, "manifest-tool"), 0o700))
	clitest.Must(t, os.WriteFile(filepath.Join(etc, "manifest-tool", "config.yaml"), []byte(settings), 0o600))
	v := clitest.Session{Env: []string{"XDG_CONFIG_HOME=" + etc}}.Serve(t)
	for host, status := range map[string]int{"platforms.example.com": http.StatusOK, "other.example.com": http.StatusMisdirectedRequest} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.URL+"/healthz", nil)
		clitest.Must(t, err)
		req.Host = host
		req.Header.Set("X-Forwarded-For", "203.0.113.9")
		resp, err := http.DefaultClient.Do(req)
		clitest.Must(t, err)
		clitest.Must(t, resp.Body.Close())
		if resp.StatusCode != status {
			t.Errorf("%s: status %d, want %d", host, resp.StatusCode, status)
		}
	}
	clitest.WaitFor(t, "the log has the client twice", func() bool { return strings.Count(v.Log(), `"client":"203.0.113.9"`) == 2 })
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
