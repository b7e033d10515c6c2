//go:build e2e

package docs

import (
	"path/filepath"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

// TestManPages formats every man page with groff, and checks it with mandoc: no
// warning, not even one of style.
func TestManPages(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(clitest.RepoPath("docs", "man", "*.1"))
	if err != nil || len(pages) < 20 {
		t.Fatalf("%d man pages: %v", len(pages), err)
	}
	for _, check := range [][]string{
		{"mandoc", "-T", "lint", "-W", "style"},
		{"groff", "-man", "-w", "w", "-T", "utf8", "-z"},
	} {
		t.Run(check[0], func(t *testing.T) {
			t.Parallel()
			done := clitest.Session{}.RunProgram(t, clitest.FindTool(t, check[0]), append(check[1:], pages...)...)
			done.WantCode(t, 0)
			clitest.WantText(t, "messages", "", done.Stdout+done.Stderr)
		})
	}
}
