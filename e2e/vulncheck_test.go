//go:build e2e

package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

// TestVulncheckListsAreHeldTo runs e2e/vulncheck with a database in which a
// function that a package calls has a vulnerability. One package is read in a
// tenth of the time of the binary.
func TestVulncheckListsAreHeldTo(t *testing.T) {
	t.Parallel()
	const id = "GO-2026-99999"
	dir := t.TempDir()
	for name, text := range map[string]string{
		"index/db.json":      `{"modified":"2026-01-01T00:00:00Z"}`,
		"index/vulns.json":   `[{"id":"` + id + `","modified":"2026-01-01T00:00:00Z"}]`,
		"index/modules.json": `[{"path":"github.com/containerd/platforms","vulns":[{"id":"` + id + `","modified":"2026-01-01T00:00:00Z"}]}]`,
		"ID/" + id + ".json": `{"schema_version":"1.3.1","id":"` + id + `","modified":"2026-01-01T00:00:00Z","published":"2026-01-01T00:00:00Z",` +
			`"summary":"made up","details":"made up","affected":[{"package":{"name":"github.com/containerd/platforms","ecosystem":"Go"},` +
			`"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}],` +
			`"ecosystem_specific":{"imports":[{"path":"github.com/containerd/platforms","symbols":["Parse"]}]}}],` +
			`"database_specific":{"url":"https://vulnerabilities.example/` + id + `"}}`,
	} {
		clitest.Must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, "db", name)), 0o755))
		clitest.Must(t, os.WriteFile(filepath.Join(dir, "db", name), []byte(text), 0o600))
	}
	database := filepath.Join(dir, "db.tgz")
	out, err := exec.Command("tar", "-czf", database, "-C", dir, "db").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	check := func(t *testing.T, list string, env ...string) (clitest.Result, error) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "allow")
		clitest.Must(t, os.WriteFile(path, []byte("# ID | day | reason\n"+list), 0o600))
		cmd := exec.Command("./vulncheck", "./internal/platform")
		cmd.Env = append(os.Environ(), append(env, "VULNCHECK_DB="+database, "VULNCHECK_ALLOW="+path)...)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		return clitest.Result{Stdout: stdout.String(), Stderr: stderr.String()}, err
	}
	listed, err := check(t, id+" | 2999-01-01 | made up\n")
	if err != nil {
		t.Fatalf("listed: %v:\n%s%s", err, listed.Stdout, listed.Stderr)
	}
	// The other lists are compared with what was found, which takes long to find again.
	again := filepath.Join(dir, "again")
	clitest.Must(t, os.WriteFile(again+".txt", []byte(listed.Stdout), 0o600))
	clitest.WriteScript(t, again, "#!/bin/sh\ncat '"+again+".txt'\nexit 3\n")
	for _, tt := range []struct{ name, list, says string }{
		{"not listed", "", "is in code that is called and is not allowed"},
		{"past its day", id + " | 2020-01-01 | made up\n", "was allowed until 2020-01-01 only: made up"},
		{"no longer found", id + " | 2999-01-01 | made up\nGO-2020-0001 | 2999-01-01 | gone\n", "GO-2020-0001 is allowed and no longer found"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			done, err := check(t, tt.list, "VULNCHECK_TOOL="+again)
			if err == nil {
				t.Errorf("it succeeds:\n%s", done.Stdout)
			}
			done.WantStderr(t, tt.says)
		})
	}
}
