//go:build e2e

package docs

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/e2e/internal/clitest"
)

// TestExamples runs every command of the console blocks of every page: those of
// one page in their order in one shell, in a copy of testdata, with an empty
// registry in place of registry.example.com. A command must succeed, unless the
// page shows its exit code, with "; echo $?" or as the next command.
func TestExamples(t *testing.T) {
	t.Parallel()
	var run int
	for _, path := range findPages(t) {
		raw, err := os.ReadFile(clitest.RepoPath(path))
		clitest.Must(t, err)
		examples := readExamples(string(raw))
		if len(examples) == 0 {
			continue
		}
		run++
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			runExamples(t, path, string(raw), examples)
		})
	}
	if run < 2 {
		t.Errorf("%d pages have examples", run)
	}
}

// runExamples runs the examples of one page.
func runExamples(t *testing.T, path, text string, examples []example) {
	s := startShell(t, text)
	for i, e := range examples {
		if missing := missingProgram(e.needs); missing != "" {
			t.Logf("%s:%d: not run, as %s is missing: %s", path, e.line, missing, e.command)
			continue
		}
		got, code := s.run(t, e.command)
		codeIsShown := i+1 < len(examples) && examples[i+1].command == "echo $?"
		if code != 0 && !codeIsShown {
			t.Errorf("%s:%d: exit code %d: %s\n%s", path, e.line, code, e.command, got)
			continue
		}
		if !e.matches(got) {
			t.Errorf("%s:%d: %s (-page +output):\n%s", path, e.line, e.command,
				cmp.Diff(e.shown, strings.Split(strings.TrimSuffix(got, "\n"), "\n")))
		}
	}
}

// missingProgram returns the first of the programs that is not in PATH.
func missingProgram(programs []string) string {
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			return name
		}
	}
	return ""
}
