//go:build e2e

package terminal

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"manifest-tool/e2e/internal/clitest"
)

// Columns and Lines are the size of a terminal.
const (
	Columns = 160
	Lines   = 50
)

// Terminal is a terminal with a program that runs in it.
type Terminal struct {
	keyboard *os.File

	mu      sync.Mutex
	written strings.Builder
}

// Start starts a program in a new terminal. It is killed when the test ends.
func Start(t *testing.T, s clitest.Session, path string, args ...string) *Terminal {
	t.Helper()
	keyboard, screen := open(t)
	cmd := s.Command(t.Context(), t, path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = screen, screen, screen
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	clitest.Must(t, cmd.Start())
	_ = screen.Close()
	terminal := &Terminal{keyboard: keyboard}
	done := make(chan struct{})
	go func() {
		defer close(done)
		terminal.read()
	}()
	t.Cleanup(func() { stop(cmd, keyboard, done) })
	return terminal
}

// open returns both ends of a new terminal. Source: pty(7).
func open(t *testing.T) (keyboard, screen *os.File) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	clitest.Must(t, err)
	clitest.Must(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	clitest.Must(t, err)
	clitest.Must(t, unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: Lines, Col: Columns}))
	screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	clitest.Must(t, err)
	return os.NewFile(uintptr(fd), "/dev/ptmx"), screen
}

// read keeps what the program writes, until its terminal is closed.
func (t *Terminal) read() {
	buffer := make([]byte, 4096)
	for {
		n, err := t.keyboard.Read(buffer)
		t.mu.Lock()
		t.written.Write(buffer[:n])
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// stop ends the program, and everything that it started in its terminal.
func stop(cmd *exec.Cmd, keyboard *os.File, done chan struct{}) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	_ = cmd.Wait()
	<-done // the last process that had the terminal open has ended
	_ = keyboard.Close()
}

// Type types text; "\t" is the Tab key.
func (t *Terminal) Type(test *testing.T, text string) {
	test.Helper()
	_, err := t.keyboard.WriteString(text)
	clitest.Must(test, err)
}

// Text returns everything that was written so far, without the sequences that move the
// cursor and set colours.
func (t *Terminal) Text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.ReplaceAll(controls.ReplaceAllString(t.written.String(), ""), "\r", "\n")
}

// controls are the control sequences of ECMA-48: CSI, OSC and two-character ones.
var controls = regexp.MustCompile(`\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]`)
