//go:build unix

package tarfile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestFault123APipeIsNotWaitedFor opens what is not a file.
func TestFault123APipeIsNotWaitedFor(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{pipe: ErrNotRegular, dir: ErrNotTar, filepath.Join(dir, "none"): os.ErrNotExist} {
		done := make(chan error, 1)
		go func() {
			_, err := (&Cache{}).Open(context.Background(), path, DefaultLimits())
			done <- err
		}()
		select {
		case err := <-done:
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", path, err, want)
			}
		case <-time.After(20 * time.Second):
			t.Errorf("%s: it is waited for", path)
		}
	}
}
