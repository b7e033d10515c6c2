//go:build e2e

package verify

import (
	"strings"
	"testing"

	"manifest-tool/e2e/internal/fixture"
)

// TestShell has images whose Entrypoint is a shell with a string or a script, and what
// verify finds in the programs that these start.
func TestShell(t *testing.T) {
	t.Parallel()
	arm, amd := string(fixture.CompileProgram(t, "linux/arm64")), string(fixture.CompileProgram(t, "linux/amd64"))
	files := fixture.Files{"usr/bin/server": amd, "usr/bin/right": arm, "srv/server": amd, "srv/text": "echo hello\n"}
	const found = "error command-platform /usr/bin/server"
	for command, want := range map[string]string{
		"/bin/sh|-c|set -e; exec server":               found,
		"/bin/sh|-c|set -euo pipefail\nserver":         found,
		"/bin/sh|-c|set -e && right":                   "",
		"/bin/sh|-c|cd /srv && /usr/bin/server":        found,
		"/bin/sh|-c|cd / && ./server":                  "",
		"/bin/sh|-c|exec \"$@\"|--|/usr/bin/server|-x": found,
		"/bin/sh|-c|exec \"$@\"|--|right":              "",
		"/bin/sh|-c|exec \"$@\"|--|gone":               "",
		"/bin/sh|-c|test -e \"$@\"|--|server":          "",
		"sh|/gone.sh":                                  "warning command-missing /gone.sh",
		"sh|/usr/bin/server":                           found,
		"sh|/usr/bin/right":                            "",
		"sh|/srv/text":                                 "",
		"sh|gone.sh":                                   "",
		"sh|/dev/stdin":                                "",
	} {
		config := fixture.NewConfigIn("/srv", "linux/arm64", strings.Split(command, "|")...)
		findings, _ := verifyFiles(t, config, system(t, "linux/arm64"), files)
		if got := strings.Join(findings, ", "); got != want {
			t.Errorf("%s: %q, want %q", command, got, want)
		}
	}
}
