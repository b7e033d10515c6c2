//go:build e2e && !windows

package progress

import (
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/creack/pty"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/internal/output/display/screentest"
)

// window is a terminal in which the binary runs.
type window struct {
	*screentest.Terminal
	cmd      *exec.Cmd
	keyboard *os.File
	ended    chan struct{}
	raw      rawOutput
}

// rawOutput is what a program writes.
type rawOutput struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *rawOutput) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// open starts the binary in a window of a width.
func open(t *testing.T, columns int, env []string, args ...string) *window {
	t.Helper()
	w := &window{Terminal: screentest.New(columns), ended: make(chan struct{})}
	w.cmd = clitest.Session{Env: append([]string{"TERM=xterm", "LANG=C.UTF-8"}, env...)}.Command(t.Context(), t, clitest.Binary(), args...)
	w.cmd.Stdin = nil
	var err error
	w.keyboard, err = pty.StartWithSize(w.cmd, &pty.Winsize{Rows: 24, Cols: uint16(columns)})
	clitest.Must(t, err)
	t.Cleanup(func() { _ = w.keyboard.Close() })
	go func() {
		_, _ = io.Copy(io.MultiWriter(w.Terminal, &w.raw), w.keyboard) // it ends with the program, as an error
		close(w.ended)
	}()
	return w
}

// close waits for the end of the program and returns what the window shows then.
func (w *window) close(t *testing.T, code int) string {
	t.Helper()
	_ = w.cmd.Wait() // the exit code is compared below
	<-w.ended
	if got := w.cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("exit code %d, want %d", got, code)
	}
	if u := w.Unknown(); len(u) > 0 {
		t.Errorf("control sequences %q", u)
	}
	if !w.AtLineStart() {
		t.Error("the cursor is not at the start of a line")
	}
	return w.Text()
}

// waitForBars waits until a blob and the total have bars, which fit the window.
func (w *window) waitForBars(t *testing.T, action string) {
	t.Helper()
	blob, total := regexp.MustCompile(`(?m)^.*[0-9a-f]{12} +█+░+ +[0-9.]+ kB / [0-9.]+ kB +[0-9.]+ kB/s$`), regexp.MustCompile(`(?m)^[0-9] of [0-9] blobs.* +█+░+ .*B/s$`)
	clitest.WaitFor(t, action+" shows bars", func() bool {
		text := w.Text()
		return blob.MatchString(text) && total.MatchString(text)
	})
	for _, line := range strings.Split(w.Text(), "\n") {
		if strings.ContainsRune(line, '░') && utf8.RuneCountInString(line) >= w.Columns() {
			t.Errorf("a line is as wide as the window: %q", line)
		}
	}
}

// TestBars holds each run until its bars were seen.
func TestBars(t *testing.T) {
	t.Parallel()
	t.Run("push", func(t *testing.T) {
		t.Parallel()
		image, release := heldImage(t)
		w := open(t, 100, nil, "push", "from-spec", specOf(t, image))
		w.waitForBars(t, "push")
		release()
		want := regexp.MustCompile(`^Digest: sha256:[0-9a-f]{64} [0-9]+\nprogress: 4 blobs, [0-9.]+ [kM]B in [0-9.]+s, [0-9.]+ [kM]B/s$`)
		if text := w.close(t, 0); !want.MatchString(text) {
			t.Errorf("in the end it shows\n%s", text)
		}
	})
	t.Run("verify", func(t *testing.T) {
		t.Parallel()
		image, release := heldImage(t)
		w := open(t, 100, nil, "verify", "--binaries", "all", "--color", "never", image)
		w.waitForBars(t, "verify")
		release()
		text := w.close(t, 3)
		wantNone(t, text)
		if !strings.HasPrefix(text, "progress: 3 blobs, ") {
			t.Errorf("in the end it shows\n%s", text)
		}
	})
	t.Run("log", func(t *testing.T) {
		t.Parallel()
		image, release := heldImage(t)
		w := open(t, 300, nil, "push", "--debug", "from-spec", specOf(t, image))
		w.waitForBars(t, "push")
		release()
		text := w.close(t, 0)
		wantNone(t, text)
		for _, line := range strings.Split(text, "\n") {
			if !regexp.MustCompile(`^(time=.* level=DEBUG msg=(request|total) .*|Digest: .*|progress: .*)$`).MatchString(line) {
				t.Errorf("a line is torn: %q", line)
			}
		}
	})
}

// TestInterruptedBars presses Ctrl-C after the window has become narrower.
func TestInterruptedBars(t *testing.T) {
	t.Parallel()
	image, _ := heldImage(t)
	w := open(t, 160, nil, "push", "from-spec", specOf(t, image))
	w.waitForBars(t, "push")
	clitest.Must(t, pty.Setsize(w.keyboard, &pty.Winsize{Rows: 24, Cols: 60}))
	w.Resize(60)
	w.waitForBars(t, "push after the resize")
	sent := time.Now()
	_, err := w.keyboard.WriteString("\x03")
	clitest.Must(t, err)
	text := w.close(t, 130)
	if took := time.Since(sent); took > 10*time.Second { // half of what the layers take
		t.Errorf("it ended %v after Ctrl-C", took)
	} else {
		t.Logf("it ended %v after Ctrl-C", took)
	}
	wantNone(t, text)
	if !strings.HasPrefix(text, "manifest-tool failed with error: ") || !strings.HasSuffix(strings.ReplaceAll(text, "\n", ""), "interrupt signal received") {
		t.Errorf("more than the error remains:\n%s", text)
	}
}

// TestTerminalWithoutBars has no control sequence in what is written.
func TestTerminalWithoutBars(t *testing.T) {
	t.Parallel()
	image := slowImage(t)
	for name, c := range map[string]struct{ env, args []string }{
		"dumb":  {env: []string{"TERM=dumb"}},
		"quiet": {args: []string{"--quiet"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, 80, c.env, append([]string{"push", "from-spec", specOf(t, image)}, c.args...)...)
			text := w.close(t, 0)
			wantNone(t, w.raw.text.String())
			if !strings.HasPrefix(text, "Digest: ") || strings.Contains(text, "progress") {
				t.Errorf("it shows\n%s", text)
			}
		})
	}
}

// TestFastRunsShowNothing is about runs of less than half a second. On a busy machine
// the first may take longer.
func TestFastRunsShowNothing(t *testing.T) {
	t.Parallel()
	layout := "oci-layout://" + clitest.RepoPath("testdata", "layouts", "linux-amd64") + ":1.0"
	for range 5 {
		spec := specOf(t, layout)
		begun := time.Now()
		w := open(t, 80, nil, "push", "from-spec", spec)
		text := w.close(t, 0)
		if time.Since(begun) > 500*time.Millisecond {
			continue
		}
		wantNone(t, w.raw.text.String())
		if !strings.HasPrefix(text, "Digest: ") || strings.Contains(text, "progress") {
			t.Errorf("it shows\n%s", text)
		}
		return
	}
	t.Skip("no run was shorter than half a second")
}
