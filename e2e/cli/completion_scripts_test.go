//go:build e2e

package cli

import (
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

// TestCompletionScripts has each shell read its script without running it. PowerShell
// is not among the tools of the tests: its script is only searched for the call that
// registers it, and for braces without a counterpart.
func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	for shell, registers := range map[string]string{
		"bash":       "complete -o default -F __start_manifest-tool manifest-tool",
		"zsh":        "#compdef manifest-tool",
		"fish":       "complete -c manifest-tool ",
		"powershell": "Register-ArgumentCompleter -CommandName 'manifest-tool'",
	} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			done := clitest.Run(t, "completion", shell)
			done.WantCode(t, 0)
			if !strings.Contains(done.Stdout, registers) {
				t.Errorf("there is no %q in:\n%s", registers, done.Stdout)
			}
			if shell == "powershell" {
				if opened, closed := strings.Count(done.Stdout, "{"), strings.Count(done.Stdout, "}"); opened == 0 || opened != closed {
					t.Errorf("%d braces are opened and %d closed", opened, closed)
				}
				return
			}
			checked := clitest.Session{Stdin: done.Stdout}.RunProgram(t, clitest.FindTool(t, shell), "-n")
			checked.WantCode(t, 0)
			clitest.WantText(t, "stderr", "", checked.Stderr)
		})
	}
}
