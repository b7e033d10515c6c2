//go:build e2e

// Package docs runs the examples of the documentation.
package docs

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
