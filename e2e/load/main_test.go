//go:build e2e

// Package load puts load on serve, over loopback, and prints figures. It asserts
// counts and memory only: times depend on what else the machine does.
package load

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
