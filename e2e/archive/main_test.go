//go:build e2e

// Package archive has tests of images in archives, as other tools write them, and of
// archives as targets of push, as other tools read them.
package archive

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
