package probe

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/test-registry.md")

// TestChecksAreDocumented compares the tables in docs/test-registry.md with the checks.
func TestChecksAreDocumented(t *testing.T) {
	t.Parallel()
	const page = "../../docs/test-registry.md"
	raw, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	prose, tables, _ := strings.Cut(string(raw), "\n### ")
	if tables != "" {
		tables = "\n### " + tables
	}
	want := tablesOfChecks()
	if *update {
		if err := os.WriteFile(page, []byte(strings.TrimRight(prose, "\n")+"\n"+want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, tables); diff != "" {
		t.Errorf("%s (-checks +page), update it with make docs:\n%s", page, diff)
	}
}

// tablesOfChecks returns a table for each section.
func tablesOfChecks() string {
	var b strings.Builder
	for _, section := range Sections() {
		fmt.Fprintf(&b, "\n### %s\n\n| check | passes if | source |\n|---|---|---|\n", section)
		for _, c := range allChecks() {
			if c.section != section {
				continue
			}
			required := ""
			if c.required {
				required = " (required)"
			}
			fmt.Fprintf(&b, "| `%s` | %s%s | %s |\n", c.name, strings.ReplaceAll(c.title, "|", `\|`), required, c.spec)
		}
	}
	return b.String()
}
