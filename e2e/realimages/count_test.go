//go:build e2e

package realimages

import (
	"fmt"
	"strings"
)

// countTable returns the numbers of runs and faults by class and mode.
func countTable(runs []run) string {
	var out strings.Builder
	images := map[string]bool{}
	for _, r := range runs {
		images[r.image.tag] = true
	}
	fmt.Fprintf(&out, "%d images, %d runs\n\n", len(images), len(runs))
	fmt.Fprintf(&out, "| | `entrypoint` | `all` |\n|---|---|---|\n")
	for _, row := range []struct{ class, fault string }{
		{"rightly labelled", "false alarms"},
		{"mislabelled", "misses"},
		{"wrong inside", "misses"},
	} {
		fmt.Fprintf(&out, "| %s: %s of runs |", row.class, row.fault)
		for _, mode := range modes() {
			faults, all := 0, 0
			for _, r := range runs {
				if r.class() != row.class || r.mode != mode {
					continue
				}
				all++
				if r.fault != "" {
					faults++
				}
			}
			fmt.Fprintf(&out, " %d of %d |", faults, all)
		}
		out.WriteString("\n")
	}
	return out.String()
}
