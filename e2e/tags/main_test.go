//go:build e2e

// Package tags has tests of the command tags.
package tags

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
