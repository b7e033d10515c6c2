//go:build e2e

// Package probe has tests of test-registry.
package probe

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
