//go:build e2e

package ci

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"

	"manifest-tool/e2e/internal/clitest"
)

// TestScriptsAreValid parses every script of the action, the component and the task,
// the last two as POSIX's, and has shellcheck read them if it is installed.
func TestScriptsAreValid(t *testing.T) {
	t.Parallel()
	scripts := map[string]string{"tekton.sh": readTask(t).Spec.Steps[0].Script}
	for _, s := range readAction(t).Runs.Steps {
		scripts[s.ID+".bash"] = s.Run
	}
	_, job := componentJob(t, map[string]string{"image": "an-image"})
	scripts["gitlab.sh"] = strings.Join(job.Script, "\n")
	for name, script := range scripts {
		variant := syntax.LangPOSIX
		if filepath.Ext(name) == ".bash" {
			variant = syntax.LangBash
		}
		if _, err := syntax.NewParser(syntax.Variant(variant)).Parse(strings.NewReader(script), name); err != nil {
			t.Error(err)
		}
		if checker, err := exec.LookPath("shellcheck"); err == nil {
			shell := strings.TrimPrefix(filepath.Ext(name), ".")
			r := clitest.Session{Stdin: script}.RunProgram(t, checker, "--shell="+shell, "-")
			if r.Code != 0 {
				t.Errorf("%s: %s", name, r.Stdout)
			}
		}
	}
}
