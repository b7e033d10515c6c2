//go:build e2e

// Package assemble has tests of what an index can be assembled from and where it can
// go: specs with all keys, dry runs, several targets, many indexes in one run.
package assemble

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
