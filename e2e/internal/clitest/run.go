//go:build e2e

// Package clitest runs the binary under test, and other programs, for the end
// to end tests: it builds the binary once, gives each run an environment of its
// own, and compares output with texts and schemas. The other packages of the
// harness build on it; it imports none of them.
package clitest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
)

// runLimit bounds the time of each process a test starts. On a busy machine the
// slowest, which unpack hostile layers, take a quarter of a minute.
const runLimit = 3 * time.Minute

// Result is the output and the exit code of a process that has ended.
type Result struct {
	Stdout, Stderr string
	Code           int
}

// Session is the environment that a process is started in. The zero value is a
// new user: an empty home, no settings, empty standard input.
type Session struct {
	Home  string   // HOME; an empty temporary directory if not set
	Dir   string   // working directory; the test's own if not set
	Env   []string // NAME=value, added to PATH and HOME
	Stdin string
}

// Run runs the binary under test as a new user.
func Run(t *testing.T, args ...string) Result {
	t.Helper()
	return Session{}.Run(t, args...)
}

// Run runs the binary under test in this session.
func (s Session) Run(t *testing.T, args ...string) Result {
	t.Helper()
	return s.RunProgram(t, Binary(), args...)
}

// RunProgram starts the program at path and waits for it. A program that does
// not start, or runs longer than runLimit, fails the test; an exit code does
// not.
func (s Session) RunProgram(t *testing.T, path string, args ...string) Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), runLimit)
	defer cancel()

	var stdout, stderr bytes.Buffer
	cmd := s.Command(ctx, t, path, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("running %s %s: %v", path, strings.Join(args, " "), err)
	}
	if ctx.Err() != nil {
		t.Fatalf("%s %s did not end within %v\nstderr: %s", path, strings.Join(args, " "), runLimit, stderr.String())
	}
	return Result{Stdout: stdout.String(), Stderr: stderr.String(), Code: cmd.ProcessState.ExitCode()}
}

// Command returns a command for the program at path in this session, not
// started yet. Of the caller's environment it gets PATH only, so that no
// setting of the developer's machine affects a test.
func (s Session) Command(ctx context.Context, t *testing.T, path string, args ...string) *exec.Cmd {
	t.Helper()
	home := s.Home
	if home == "" {
		home = t.TempDir()
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + os.TempDir()}, s.Env...)
	cmd.Dir = s.Dir
	cmd.Stdin = strings.NewReader(s.Stdin)
	return cmd
}

// WantCode ends the test unless the process ended with the exit code.
func (r Result) WantCode(t *testing.T, code int) {
	t.Helper()
	if r.Code != code {
		t.Fatalf("exit code %d, want %d\nstdout: %s\nstderr: %s", r.Code, code, r.Stdout, r.Stderr)
	}
}

// WantStderr fails the test unless standard error contains each of the texts.
func (r Result) WantStderr(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.Stderr, text) {
			t.Errorf("stderr does not say %q:\n%s", text, r.Stderr)
		}
	}
}

// PushedDigest returns the digest that a push of one index printed. If the push
// failed, or printed anything else, the test ends.
func (r Result) PushedDigest(t *testing.T) digest.Digest {
	t.Helper()
	r.WantCode(t, 0)
	all := r.PushedDigests(t)
	if len(all) != 1 {
		t.Fatalf("%d digests printed, want 1:\n%s", len(all), r.Stdout)
	}
	return all[0]
}

// PushedDigests returns the digests that a push of several indexes printed, in
// their order.
func (r Result) PushedDigests(t *testing.T) []digest.Digest {
	t.Helper()
	var all []digest.Digest
	line := regexp.MustCompile(`^Digest: (sha256:[0-9a-f]{64}) [1-9][0-9]*$`)
	for _, text := range strings.Split(strings.TrimSuffix(r.Stdout, "\n"), "\n") {
		found := line.FindStringSubmatch(text)
		if found == nil {
			t.Fatalf("stdout has a line that is not a digest: %q", text)
		}
		all = append(all, digest.Digest(found[1]))
	}
	return all
}
