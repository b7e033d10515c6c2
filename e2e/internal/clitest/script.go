//go:build e2e

package clitest

import (
	"os"
	"syscall"
	"testing"
)

// WriteScript writes a script that can be run. No process is started meanwhile: it would
// have the file open for a moment, and a file that is open for writing cannot be run
// ("text file busy").
func WriteScript(t *testing.T, path, text string) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	Must(t, os.WriteFile(path, []byte(text), 0o700))
}
