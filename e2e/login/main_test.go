//go:build e2e

// Package login has tests of login, logout and auth explain, and of what happens to
// credentials: where they are read from and which hosts get them.
package login

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
