//go:build e2e

// Package corpus runs the binary on the spec files and command lines of
// testdata/corpus, and compares the results with those of version 2.
package corpus

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
