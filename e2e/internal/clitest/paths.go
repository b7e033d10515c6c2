//go:build e2e

package clitest

import (
	"os"
	"path/filepath"
)

// RepoPath returns the absolute path of a file of this repository, whose path
// from the repository's root has the elements elem. The root is the nearest
// parent of the working directory that has a go.mod.
func RepoPath(elem ...string) string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err) // go test starts each test in the directory of its package
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(append([]string{dir}, elem...)...)
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			panic("no parent of the working directory has a go.mod")
		}
		dir = parent
	}
}
