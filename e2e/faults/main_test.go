//go:build e2e

// Package faults has tests of the cases of docs/faults.md that need the binary.
package faults

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
