package output

import (
	"manifest-tool/internal/probe"
)

// PrintRegistryReport writes the report of test-registry.
func (p Printer) PrintRegistryReport(r probe.Report) error {
	return p.render(r, func(t *text) {
		section := probe.Section("")
		for _, one := range r.Results {
			if one.Section != section {
				section = one.Section
				t.line("%s", section)
			}
			t.line("  %-5s  %-24s  %s", one.Status, one.Name, Escape(one.Detail))
		}
		t.line("")
		t.line("%s", Escape(r.Verdict.String()))
		for _, ref := range r.Left {
			t.line("left: %s", Escape(ref))
		}
	})
}
