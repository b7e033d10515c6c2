//go:build e2e

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

// runLimit bounds every process a test starts. On a busy machine the longest,
// which unpack hostile layers, take a quarter of a minute.
const runLimit = 3 * time.Minute

// result is what a finished process left: its output and its exit code.
type Result struct {
	Stdout, Stderr string
	Code           int
}

// session is how a process is started. The zero value is a fresh user: an
// empty home, no settings, nothing on standard input.
type Session struct {
	Home  string   // HOME; an empty temporary folder when not set
	Dir   string   // working folder; the test's own when not set
	Env   []string // NAME=value, added to PATH and HOME
	Stdin string
}

// Run runs the binary under test as a fresh user.
func Run(t *testing.T, args ...string) Result {
	t.Helper()
	return Session{}.Run(t, args...)
}

// Run runs the binary under test in this session.
func (s Session) Run(t *testing.T, args ...string) Result {
	t.Helper()
	return s.RunProgram(t, Binary(), args...)
}

// RunProgram starts the program at path and waits for it. A program that cannot be
// started, or that outlives runLimit, fails the test; an exit code does not.
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

// Command prepares a process of this session. Nothing of the caller's
// environment but PATH reaches it, so that no setting of the developer's
// machine decides a test.
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

// WantCode fails the test unless the process ended with the exit code.
func (r Result) WantCode(t *testing.T, code int) {
	t.Helper()
	if r.Code != code {
		t.Fatalf("exit code %d, want %d\nstdout: %s\nstderr: %s", r.Code, code, r.Stdout, r.Stderr)
	}
}

// WantStderr fails the test unless standard error holds each of the texts.
func (r Result) WantStderr(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.Stderr, text) {
			t.Errorf("stderr does not say %q:\n%s", text, r.Stderr)
		}
	}
}

// PushedDigest returns the digest a push of one index printed. Anything else on
// standard output fails the test, as does a failed push.
func (r Result) PushedDigest(t *testing.T) digest.Digest {
	t.Helper()
	r.WantCode(t, 0)
	all := r.PushedDigests(t)
	if len(all) != 1 {
		t.Fatalf("%d digests printed, want 1:\n%s", len(all), r.Stdout)
	}
	return all[0]
}

// PushedDigests returns the digests a push of several indexes printed.
func (r Result) PushedDigests(t *testing.T) []digest.Digest {
	t.Helper()
	var all []digest.Digest
	line := regexp.MustCompile(`^Digest: (sha256:[0-9a-f]{64}) [1-9][0-9]*$`)
	for _, text := range strings.Split(strings.TrimSuffix(r.Stdout, "\n"), "\n") {
		found := line.FindStringSubmatch(text)
		if found == nil {
			t.Fatalf("stdout has a line that is no digest: %q", text)
		}
		all = append(all, digest.Digest(found[1]))
	}
	return all
}
