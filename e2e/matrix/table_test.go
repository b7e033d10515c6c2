//go:build e2e

package matrix

import (
	_ "embed"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/fault"
)

// matrixText is the table of the outcomes; its head says how to read it.
//
//go:embed matrix.txt
var matrixText string

// expected is what a cell must come to: once and always.
type expected struct{ once, always string }

// matrixTable reads the table, by fault, then kind.
func matrixTable(t *testing.T) map[string]map[string]expected {
	t.Helper()
	table := map[string]map[string]expected{}
	for line := range strings.Lines(matrixText) {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if len(fields) != 1+len(fault.RequestKinds()) {
			t.Fatalf("the row %q has %d cells, want %d", fields[0], len(fields)-1, len(fault.RequestKinds()))
		}
		row := map[string]expected{}
		for i, kind := range fault.RequestKinds() {
			once, always, both := strings.Cut(fields[1+i], "|")
			if !both {
				always = once
			}
			row[kind] = expected{once, always}
		}
		table[fields[0]] = row
	}
	return table
}
