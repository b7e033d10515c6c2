//go:build e2e

// Command measure runs a program with its own standard streams and writes to
// file descriptor 3 what that took: wall time and processor time, both in
// nanoseconds, bytes of resident memory at its peak, exit code. It is small on purpose: Linux counts the memory of
// the program that starts a process as that process's own, up to the moment it becomes
// the other program.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("name a program")
	}
	report := os.NewFile(3, "report")
	syscall.CloseOnExec(3) // the program shall not inherit it
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	done := cmd.ProcessState
	cpu := done.UserTime() + done.SystemTime()
	_, err = fmt.Fprintln(report, wall.Nanoseconds(), cpu.Nanoseconds(), peak(done), done.ExitCode())
	return err
}

// peak returns the largest resident memory of a process in bytes. darwin
// counts it in bytes, the others in KiB.
func peak(state *os.ProcessState) int64 {
	used, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(used.Maxrss)
	}
	return int64(used.Maxrss) << 10
}
