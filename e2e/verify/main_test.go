//go:build e2e

// Package verify has tests of the command verify.
package verify

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
