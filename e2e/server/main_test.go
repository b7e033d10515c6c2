//go:build e2e

// Package server has tests of serve, and of query --server.
package server

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
