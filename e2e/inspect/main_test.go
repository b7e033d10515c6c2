//go:build e2e

// Package inspect has tests of the command inspect.
package inspect

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
