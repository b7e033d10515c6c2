//go:build e2e

// Package realimages runs verify on images of real content: Debian packages of
// every architecture, npm and Python packages as published, Go programs, rightly
// and wrongly labelled. It is part of `make test-binaries`, which fetches the
// content.
package realimages

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
