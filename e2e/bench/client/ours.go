//go:build e2e

package client

import (
	"os/exec"
	"strings"
)

// manifestTool is the client this project builds, at the path. A build that
// has no option to leave configs unread reads them in every push.
func manifestTool(path string) Client {
	help, _ := exec.Command(path, "push", "--help").CombinedOutput() // no help, no flag
	push := []string{"push", "from-spec", "-"}
	given, how := push, "push from-spec (this build has no --verify: it reads every config)"
	if strings.Contains(string(help), "--verify") {
		given = []string{"push", "--verify", "none", "from-spec", "-"}
		how = "push from-spec, with --verify none where platforms are given"
	}
	return Client{Name: Ours, Path: path, How: "show: inspect; push: " + how, steps: func(t Task) []Step {
		switch {
		case t.Show:
			return calls([]string{"inspect", t.Target()})
		case t.Given:
			return []Step{{Args: given, Stdin: t.spec()}}
		default:
			return []Step{{Args: push, Stdin: t.spec()}}
		}
	}}
}
