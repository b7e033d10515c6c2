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
	r.fault = judge(r.wants(), v.Images[0].Findings)
	return r
}

// judge compares findings with an expectation.
func judge(want string, found []clitest.Finding) string {
	var shown []string
	named := false
	for _, f := range found {
		if f.Severity == "info" {
			continue
		}
		text := f.Code + " " + f.Subject + " " + f.Message
		shown = append(shown, strings.TrimSpace(f.Code+" "+f.Message))
		code, path, both := strings.Cut(want, " ")
		if !both {
			code, path = "", want
		}
		named = named || strings.HasPrefix(f.Code, code) && strings.Contains(text, path)
	}
	all := strings.Join(shown, "; ")
	switch {
	case want == "any":
		return ""
	case want == "" && len(shown) > 0:
		return "false alarm: " + all
	case want != "" && len(shown) == 0:
		return "miss: nothing found, want " + want
	case want != "" && !named:
		return fmt.Sprintf("miss: want %q in: %s", want, all)
	}
	return ""
}
