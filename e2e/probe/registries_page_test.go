//go:build e2e

package probe

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

const registriesHead = `# What registries support

The results of ` + "`manifest-tool test-registry`" + ` for every registry that the tests of this project start. The end-to-end tests
compare them with each run; ` + "`make registries`" + ` generates this page.

pass: the registry does what the check describes. skip: it does not, and may. **fail**: the specification forbids what it
does. [test-registry](test-registry.md) prints the request and the response behind each result, and the
section of the specification.

`

// resultLine is a line of testdata/registries.
type resultLine struct{ status, name, detail string }

// readResults returns the results of a registry.
func readResults(t *testing.T, one testedRegistry) []resultLine {
	t.Helper()
	raw, err := os.ReadFile(one.path())
	clitest.Must(t, err)
	var all []resultLine
	for line := range strings.Lines(string(raw)) {
		result, detail, _ := strings.Cut(strings.TrimSpace(line), ": ")
		status, name, _ := strings.Cut(result, " ")
		all = append(all, resultLine{status, name, detail})
	}
	return all
}

// registriesPage returns docs/registries.md from testdata/registries.
func registriesPage(t *testing.T) string {
	t.Helper()
	all := testedRegistries()
	columns := make([][]resultLine, len(all))
	var b strings.Builder
	b.WriteString(registriesHead + "| column | registry |\n| --- | --- |\n")
	for i, one := range all {
		columns[i] = readResults(t, one)
		fmt.Fprintf(&b, "| %s | %s |\n", one.column, one.title)
	}
	b.WriteString("\n| check |")
	for _, one := range all {
		b.WriteString(" " + one.column + " |")
	}
	b.WriteString("\n| --- |" + strings.Repeat(" --- |", len(all)) + "\n")
	for _, check := range columns[0] {
		b.WriteString("| `" + check.name + "` |")
		for _, column := range columns {
			b.WriteString(" " + statusOf(column, check.name) + " |")
		}
		b.WriteByte('\n')
	}
	b.WriteString("\n## What they do in place of passing a check\n\nOf each version, the first registry has the complete list, and the others what they do differently.\n")
	for i, one := range all {
		fmt.Fprintf(&b, "\n### %s\n\n%s.\n\n", one.column, strings.ToUpper(one.title[:1])+one.title[1:])
		for _, r := range notPassed(columns[i], columns[openOf(all, i)], i != openOf(all, i)) {
			b.WriteString(r)
		}
	}
	return b.String()
}

// statusOf returns the status of a check in the table.
func statusOf(column []resultLine, check string) string {
	i := slices.IndexFunc(column, func(r resultLine) bool { return r.name == check })
	switch {
	case i < 0:
		return "?"
	case column[i].status == "fail":
		return "**fail**"
	}
	return column[i].status
}

// openOf returns the index of the registry of the same version without a login.
func openOf(all []testedRegistry, i int) int {
	return slices.IndexFunc(all, func(r testedRegistry) bool { return r.version == all[i].version })
}

// notPassed lists the checks that do not pass, without those that another registry has
// in the same way if it is given as compared.
func notPassed(column, other []resultLine, compared bool) []string {
	var all []string
	for _, r := range column {
		switch {
		case compared && slices.Contains(other, r):
		case r.status != "pass":
			all = append(all, fmt.Sprintf("- `%s`, %s: %s\n", r.name, r.status, r.detail))
		case compared:
			all = append(all, fmt.Sprintf("- `%s`, pass\n", r.name))
		}
	}
	return all
}
