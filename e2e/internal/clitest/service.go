//go:build e2e

package clitest

import (
	"bytes"
	"context"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Service is a running `manifest-tool serve`.
type Service struct {
	// URL is its address, http://HOST:PORT.
	URL string

	command *exec.Cmd
	log     serviceLog
	ended   chan struct{}
}

// serviceLog is what a service wrote so far.
type serviceLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *serviceLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// Serve starts a service at a free port of this machine, with more flags, and waits
// until it listens. It ends with the test.
func (s Session) Serve(t *testing.T, args ...string) *Service {
	t.Helper()
	v := &Service{ended: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	v.command = s.Command(ctx, t, Binary(), append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	v.command.Stdout, v.command.Stderr = &v.log, &v.log
	if err := v.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(v.ended)
		_ = v.command.Wait() // the code is in its state
	}()
	t.Cleanup(func() {
		cancel()
		<-v.ended
	})
	listening := regexp.MustCompile(`"url":"(http://[^"]+)"`)
	WaitFor(t, "the service", func() bool {
		if found := listening.FindStringSubmatch(v.Log()); found != nil {
			v.URL = found[1]
		}
		return v.URL != "" || v.hasEnded()
	})
	if v.URL == "" {
		t.Fatalf("the service has ended: %s", v.Log())
	}
	return v
}

func (v *Service) hasEnded() bool {
	select {
	case <-v.ended:
		return true
	default:
		return false
	}
}

// Log is what the service wrote so far.
func (v *Service) Log() string {
	v.log.mu.Lock()
	defer v.log.mu.Unlock()
	return v.log.text.String()
}

// Address is HOST:PORT of the service.
func (v *Service) Address() string { return strings.TrimPrefix(v.URL, "http://") }

// PID is the process of the service.
func (v *Service) PID() int { return v.command.Process.Pid }

// Stop asks the service to end, as a service manager does, and waits for it. It returns
// the exit code, and how long it took.
func (v *Service) Stop(t *testing.T) (code int, took time.Duration) {
	t.Helper()
	start := time.Now()
	if err := v.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-v.ended
	return v.command.ProcessState.ExitCode(), time.Since(start)
}
