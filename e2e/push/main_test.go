//go:build e2e

// Package push has tests of the command push: into registries and OCI layouts, read back by
// the harness and by other clients.
package push

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
