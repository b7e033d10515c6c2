//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

// TestVulncheckListsAreHeldTo runs e2e/vulncheck with a database in which a
// function that the binary calls has a vulnerability.
func TestVulncheckListsAreHeldTo(t *testing.T) {
	t.Parallel()
	const id = "GO-2026-99999"
	dir := t.TempDir()
	for name, text := range map[string]string{
		"index/db.json":      `{"modified":"2026-01-01T00:00:00Z"}`,
		"index/vulns.json":   `[{"id":"` + id + `","modified":"2026-01-01T00:00:00Z"}]`,
		"index/modules.json": `[{"path":"github.com/spf13/cobra","vulns":[{"id":"` + id + `","modified":"2026-01-01T00:00:00Z"}]}]`,
		"ID/" + id + ".json": `{"schema_version":"1.3.1","id":"` + id + `","modified":"2026-01-01T00:00:00Z","published":"2026-01-01T00:00:00Z",` +
			`"summary":"made up","details":"made up","affected":[{"package":{"name":"github.com/spf13/cobra","ecosystem":"Go"},` +
			`"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}],` +
			`"ecosystem_specific":{"imports":[{"path":"github.com/spf13/cobra","symbols":["Command.ExecuteContext","Command.ExecuteC"]}]}}],` +
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
	for _, tt := range []struct{ name, list, says string }{
		{"not listed", "", "is in code that is called and is not allowed"},
		{"past its day", id + " | 2020-01-01 | made up\n", "was allowed until 2020-01-01 only: made up"},
		{"no longer found", id + " | 2999-01-01 | made up\nGO-2020-0001 | 2999-01-01 | gone\n", "GO-2020-0001 is allowed and no longer found"},
		{"listed", id + " | 2999-01-01 | made up\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			list := filepath.Join(t.TempDir(), "allow")
			clitest.Must(t, os.WriteFile(list, []byte("# ID | day | reason\n"+tt.list), 0o600))
			cmd := exec.Command("./vulncheck", ".")
			cmd.Env = append(os.Environ(), "VULNCHECK_DB="+database, "VULNCHECK_ALLOW="+list)
			out, err := cmd.CombinedOutput()
			done := clitest.Result{Stderr: string(out)}
			if (err == nil) != (tt.says == "") {
				t.Fatalf("%v:\n%s", err, out)
			}
			done.WantStderr(t, tt.says)
		})
	}
}
