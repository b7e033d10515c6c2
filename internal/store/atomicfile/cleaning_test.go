package atomicfile

import (
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
)

// cleaned removes the temporary files of a file as often as it can while f runs, as other
// writers do when they have written it.
func cleaned(path string, f func()) {
	var over atomic.Bool
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for !over.Load() {
			if Exists(path) {
				removeTempFiles(path)
			}
		}
	}()
	defer func() {
		over.Store(true)
		<-stopped
	}()
	f()
}

func TestScratchWhileOthersCleanUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.tar")
	write(t, path, "an archive")
	cleaned(path, func() {
		for range 2000 {
			f, err := Scratch(path)
			if err != nil {
				t.Fatal(err)
			}
			_ = f.Close()
		}
	})
}

// TestSwapWhileOthersCleanUp creates files. Once one exists, another writer may clean up
// at any moment.
func TestSwapWhileOthersCleanUp(t *testing.T) {
	dir := t.TempDir()
	for i := range 300 {
		path := filepath.Join(dir, strconv.Itoa(i), "a.tar")
		cleaned(path, func() {
			if err := Swap(t.Context(), path, nil, text("first")); err != nil {
				t.Fatal(err)
			}
		})
	}
}
