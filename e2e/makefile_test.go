//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestMakefile checks that every go test of the Makefile that selects tests by
// name selects at least one: go test succeeds if a pattern matches nothing.
func TestMakefile(t *testing.T) {
	raw, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	calls := regexp.MustCompile(`\$\(GO\) test .*-run '([^']+)'.*`).FindAllStringSubmatch(string(raw), -1)
	if len(calls) < 5 {
		t.Fatalf("%d calls of go test with a pattern, want 5 or more", len(calls))
	}
	for _, call := range calls {
		pattern := strings.ReplaceAll(call[1], "$$", "$")
		dir := regexp.MustCompile(`\./(?:cmd|internal|e2e)[a-z0-9/]*`).FindString(call[0])
		t.Run(pattern, func(t *testing.T) {
			list := exec.CommandContext(t.Context(), "go", "test", "-tags", "e2e", "-list", pattern, "./"+dir)
			list.Dir = ".."
			out, err := list.CombinedOutput()
			if err != nil || !strings.HasPrefix(string(out), "Test") {
				t.Errorf("go test -list %s %s: %v\n%s", pattern, dir, err, out)
			}
		})
	}
}
