//go:build e2e

// Package resolve compares the command resolve with what skopeo pulls.
package resolve

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
