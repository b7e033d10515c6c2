//go:build unix

package auth

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// killProcessGroup makes cancelling cmd also end its child processes: helpers are
// often shell scripts, and killing only the shell leaves its children running.
func killProcessGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		if errors.Is(err, syscall.ESRCH) {
			return os.ErrProcessDone
		}
		return err
	}
}
