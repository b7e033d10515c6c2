//go:build e2e

// Package network has tests of connections: TLS, proxies, mirrors, mounts, retries and timeouts.
package network

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
