//go:build e2e

package browser

import (
	"os"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

// WantAccessible fails the test for each violation that axe-core finds in the page,
// with all its rules, best practices too.
func (b *Browser) WantAccessible(t *testing.T) {
	t.Helper()
	source, err := os.ReadFile(clitest.FindTool(t, "axe.js"))
	clitest.Must(t, err)
	var found struct {
		Passes     int
		Violations []struct {
			ID, Help string
			Targets  []string
		}
	}
	b.Run(t, string(source)+`
		const found = await axe.run();
		return {
			passes: found.passes.length,
			violations: found.violations.map(v => ({id: v.id, help: v.help, targets: v.nodes.map(n => n.target.join(" ") + ": " + n.failureSummary)})),
		};`, &found)
	for _, v := range found.Violations {
		t.Errorf("%s: %s\n%s", v.ID, v.Help, strings.Join(v.Targets, "\n"))
	}
	if found.Passes < 10 {
		t.Errorf("only %d rules were applied", found.Passes)
	}
}
