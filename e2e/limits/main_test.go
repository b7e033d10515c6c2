//go:build e2e

// Package limits has tests of the limits of memory and of request rates.
package limits

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
