//go:build e2e

// Package query has tests of query, and of diff and resolve on the same images.
package query

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }
