//go:build e2e

// Package config has tests of settings: the file, the variables, and the command config.
package config

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
