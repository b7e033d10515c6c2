//go:build e2e

package cli

import (
	"os/exec"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

// surrounded starts the binary by a shell, which closes or swaps its streams
// as text says; $TOOL is the binary, $LAYOUT an image.
func surrounded(t *testing.T, env []string, text string) clitest.Result {
	t.Helper()
	layout := clitest.RepoPath("testdata", "layouts", "linux-amd64")
	s := clitest.Session{Dir: t.TempDir(), Env: append([]string{"TOOL=" + clitest.Binary(), "LAYOUT=oci-layout://" + layout + ":1.0"}, env...)}
	shell, err := exec.LookPath("bash")
	clitest.Must(t, err)
	return s.RunProgram(t, shell, "-c", "set -o pipefail; "+text)
}

// TestUnusualEnvironment runs the tool as careless scripts and containers do.
func TestUnusualEnvironment(t *testing.T) {
	t.Parallel()
	const shows = "Name: oci-layout://"
	for name, c := range map[string]struct {
		env    []string
		text   string
		code   int
		stdout string // how standard output begins
		stderr string // what standard error holds; "" for nothing
	}{
		"no home folder":             {nil, "unset HOME; $TOOL inspect $LAYOUT", 0, shows, ""},
		"a home folder that is none": {[]string{"HOME=/dev/null"}, "$TOOL inspect $LAYOUT", 0, shows, ""},
		"a home folder elsewhere":    {[]string{"HOME=/nonexistent"}, "$TOOL inspect $LAYOUT", 0, shows, ""},
		"no environment":             {nil, "env -i $TOOL inspect $LAYOUT", 0, shows, ""},
		"another character set":      {[]string{"LC_ALL=C", "LANG=C"}, "$TOOL inspect $LAYOUT", 0, shows, ""},
		"a full disk":                {nil, "$TOOL inspect $LAYOUT >/dev/full", 1, "", "writing the result: no space left on device\n"},
		"a full disk, version":       {nil, "$TOOL version >/dev/full", 1, "", "writing the result: no space left on device\n"},
		"a reader that has enough":   {nil, "yes $LAYOUT | $TOOL query -o json | head -n 1", 141, "{\n", ""},
		"a push that no one reads":   {nil, "(sleep 0.2; $TOOL push from-images oci-layout://new:1 $LAYOUT) | true", 1, "", "oci-layout://new:1 was written: writing the result: broken pipe\n"},
		"no standard error":          {nil, "$TOOL inspect nonsense 2>&-", 2, "", ""},
		"no standard input, query":   {nil, "$TOOL query <&-", 2, "", "no reference is given"},
		"no standard input, push":    {nil, "$TOOL push from-spec - <&-", 2, "", "standard input:1: the spec is empty"},
		"no password":                {nil, "$TOOL inspect -u me --password-stdin $LAYOUT <&-", 2, "", "standard input is empty"},
		"a folder to read, push":     {nil, "$TOOL push from-spec - </", 2, "", `can't read YAML file "standard input": is a directory`},
		"a folder to read, query":    {nil, "$TOOL query </", 1, "", "reading the references: is a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			done := surrounded(t, c.env, c.text)
			done.WantCode(t, c.code)
			if !strings.HasPrefix(done.Stdout, c.stdout) || c.stdout == "" && done.Stdout != "" {
				t.Errorf("stdout %q, want %q", done.Stdout, c.stdout)
			}
			if !strings.Contains(done.Stderr, c.stderr) || c.stderr == "" && done.Stderr != "" {
				t.Errorf("stderr %q, want %q", done.Stderr, c.stderr)
			}
		})
	}
}
