//go:build e2e

package realimages

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

// modes returns the values of --binaries.
func modes() []string { return []string{"entrypoint", "all"} }

// run is one run of verify.
type run struct {
	image image
	mode  string
	// fault is empty if verify found what it must find. Otherwise it begins with
	// "false alarm", "miss" or "failed".
	fault string
}

// wants returns the expectation of the image in the mode.
func (r run) wants() string {
	if r.mode == "all" {
		return r.image.All
	}
	return r.image.Default
}

// class returns the row of the table that the run counts in.
func (r run) class() string {
	if r.wants() == "" {
		return "rightly labelled"
	}
	return r.image.Class
}

// verify runs the binary on an image and judges its findings.
func verify(t *testing.T, session clitest.Session, reference string, r run) run {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := session.Command(t.Context(), t, clitest.Binary(), "verify", "-o", "json", "--binaries", r.mode, reference)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 3) {
		r.fault = fmt.Sprintf("failed: %v: %s", err, clitest.Tail(stderr.String()))
		return r
	}
	var v clitest.Verification
	if err := json.Unmarshal(stdout.Bytes(), &v); err != nil || len(v.Images) != 1 {
		r.fault = fmt.Sprintf("failed: %v: %s", err, clitest.Tail(stdout.String()))
		return r
	}
	var strays []string
	r.fault, strays = judge(r.wants(), v.Images[0].Findings)
	if r.fault == "" && len(strays) > 0 && r.image.isLabelledRight() {
		r.fault = fmt.Sprintf("false alarm: apart from %q: %s", r.wants(), strings.Join(strays, "; "))
	}
	return r
}

// judge compares findings with an expectation. Strays are the other findings
// about programs that the image does not start.
func judge(want string, found []clitest.Finding) (fault string, strays []string) {
	code, path, both := strings.Cut(want, " ")
	if !both {
		code, path = "", want
	}
	var shown []string
	named := false
	for _, f := range found {
		if f.Severity == "info" {
			continue
		}
		text := f.Code + " " + f.Message
		shown = append(shown, text)
		isNamed := strings.HasPrefix(f.Code, code) && strings.Contains(text, path)
		named = named || isNamed
		if f.Code == "binary-stray" && !isNamed && !strings.Contains(text, "more files") {
			strays = append(strays, text)
		}
	}
	switch {
	case want == "any":
	case want == "" && len(shown) > 0:
		fault = "false alarm: " + strings.Join(shown, "; ")
	case want != "" && len(shown) == 0:
		fault = "miss: nothing found, want " + want
	case want != "" && !named:
		fault = fmt.Sprintf("miss: want %q in: %s", want, strings.Join(shown, "; "))
	}
	return fault, strays
}
