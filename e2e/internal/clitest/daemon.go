//go:build e2e

package clitest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Daemon is a program of others that runs until it is killed, at the latest when the
// test ends.
type Daemon struct {
	command *exec.Cmd
	output  string // the path of its output
	ended   chan struct{}
}

// StartDaemon starts a program and waits until isReady, which gets what the program
// wrote so far. It is an error if the program ends before that, or is not ready within
// StartLimit; both contain what it wrote, and the program has ended then.
func StartDaemon(t *testing.T, cmd *exec.Cmd, isReady func(output string) bool) (*Daemon, error) {
	t.Helper()
	// A file, since a pipe would stay open as long as the program's children run.
	output, err := os.Create(filepath.Join(t.TempDir(), "output"))
	Must(t, err)
	defer output.Close()
	cmd.Stdout, cmd.Stderr = output, output
	Must(t, cmd.Start())
	d := &Daemon{command: cmd, output: output.Name(), ended: make(chan struct{})}
	go func() {
		defer close(d.ended)
		_ = cmd.Wait() // how it ended is in its state
	}()
	t.Cleanup(d.Kill)
	if err := d.wait(isReady); err != nil {
		d.Kill()
		return nil, fmt.Errorf("%s %w:\n%s", filepath.Base(cmd.Path), err, d.Output())
	}
	return d, nil
}

// wait returns nil when the program is ready.
func (d *Daemon) wait(isReady func(output string) bool) error {
	deadline := time.After(StartLimit)
	for !isReady(d.Output()) {
		select {
		case <-d.ended:
			return fmt.Errorf("ended before it was ready, with %v", d.command.ProcessState)
		case <-deadline:
			return fmt.Errorf("was not ready within %v", StartLimit)
		case <-time.After(5 * time.Millisecond):
		}
	}
	return nil
}

// Output returns what the program wrote so far.
func (d *Daemon) Output() string {
	text, err := os.ReadFile(d.output)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Kill ends the program at once, and waits until it has ended.
func (d *Daemon) Kill() {
	_ = d.command.Process.Kill()
	<-d.ended
}

// Signal sends a signal to the program.
func (d *Daemon) Signal(t *testing.T, signal os.Signal) {
	t.Helper()
	Must(t, d.command.Process.Signal(signal))
}
