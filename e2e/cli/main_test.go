//go:build e2e

// Package cli has tests of what all commands have in common: flags, bad input, completion,
// signals, and the recorded runs of version 2.
package cli

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
