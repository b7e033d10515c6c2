//go:build e2e

// Package requests compares the requests that each command sends with exact lists.
package requests

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
