package output

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fatih/color"

	"manifest-tool/internal/probe"
)

// minDetailWidth is the narrowest column for what a registry did; with less, it has
// lines of its own.
const minDetailWidth = 24

// PrintRegistryReport writes the report of test-registry. The text has a line for each
// check by section, then the verdict, the settings and what was left.
func (p Printer) PrintRegistryReport(r probe.Report) error {
	switch p.Format.kind {
	case asJUnit:
		return p.registryJUnit(r)
	case asHTML:
		return p.registryHTML(r)
	}
	return p.render(r, func(t *text) {
		t.line("Registry: %s%s", t.paint.name(r.Registry+"/"+r.Repository), Escape(serverText(r)))
		width := 0
		for _, one := range r.Results {
			width = max(width, len(one.Name))
		}
		for _, s := range sectionsOf(r) {
			t.section(s, width)
		}
		t.conclusion(r)
	})
}

// reportSection is a section of a report with the results of its checks.
type reportSection struct {
	Name    probe.Section
	Results []probe.Result
}

// sectionsOf groups the results of a report by section.
func sectionsOf(r probe.Report) []reportSection {
	var all []reportSection
	for _, one := range r.Results {
		if len(all) == 0 || all[len(all)-1].Name != one.Section {
			all = append(all, reportSection{Name: one.Section})
		}
		last := &all[len(all)-1]
		last.Results = append(last.Results, one)
	}
	return all
}

func serverText(r probe.Report) string {
	switch {
	case r.Embedded:
		return " (the registry in this program)"
	case r.Server != "":
		return " (server: " + r.Server + ")"
	}
	return ""
}

// section writes the checks of a section, whose names are padded to a width. What was
// expected is shown for those that failed. Errors of one cause share a line.
func (t *text) section(s reportSection, width int) {
	t.line("")
	t.line("%s", s.Name)
	for n, one := range s.Results {
		if slices.ContainsFunc(s.Results[:n], func(first probe.Result) bool { return isSameError(first, one) }) {
			continue
		}
		lines := []string{one.Detail + alsoText(one, s.Results[n+1:])}
		if one.Status == probe.StatusFail {
			lines = append(lines, "expected: "+one.Title+" ("+one.Spec+")")
		}
		head := "  " + t.paint.style(statusColor(one.Status), pad(5, string(one.Status))) + "  " + Escape(pad(width, one.Name))
		t.columnLines(head, width+9, lines)
	}
}

// isSameError reports whether two checks have an error of one cause.
func isSameError(a, b probe.Result) bool {
	return a.Status == probe.StatusError && b.Status == probe.StatusError && a.Detail == b.Detail
}

// alsoText names the later checks of a section that have the error of one.
func alsoText(one probe.Result, later []probe.Result) string {
	var names []string
	for _, other := range later {
		if isSameError(one, other) {
			names = append(names, other.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " (also " + strings.Join(names, ", ") + ")"
}

// columnLines writes lines to the right of head, which has a width, or below it if the
// terminal is too narrow. In a pipe no line is wrapped.
func (t *text) columnLines(head string, width int, lines []string) {
	indent := width + gap
	if t.columns > 0 && t.columns-indent < minDetailWidth {
		t.line("%s", strings.TrimRight(head, " "))
		head, width, indent = "", 0, 9
	}
	for _, line := range lines {
		for _, part := range t.fold(Escape(line), t.columns-indent) {
			t.line("%s%s%s", head, strings.Repeat(" ", indent-width), part)
			head, width = "", 0
		}
	}
}

// fold breaks a line for a terminal, between words where possible.
func (t *text) fold(s string, width int) []string {
	if t.columns == 0 || width <= 0 {
		return []string{s}
	}
	var lines []string
	for _, line := range wrap(s, width) {
		for utf8.RuneCountInString(line) > width {
			runes := []rune(line)
			lines, line = append(lines, string(runes[:width])), string(runes[width:])
		}
		lines = append(lines, line)
	}
	return lines
}

func statusColor(s probe.Status) color.Attribute {
	switch s {
	case probe.StatusPass:
		return good
	case probe.StatusSkip:
		return faint
	case probe.StatusError:
		return notable
	}
	return bad
}

// conclusion writes what follows from all checks. The settings are not indented, so
// that they can be pasted.
func (t *text) conclusion(r probe.Report) {
	t.line("")
	t.columnLines("Summary:", len("Summary:"), []string{summaryText(r)})
	t.columnLines("Verdict:", len("Verdict:"), []string{r.Verdict.String()})
	if r.Settings != "" {
		t.line("")
		t.line("Settings for this registry (docs/config.md):")
		t.line("%s", escapeLines(strings.TrimSuffix(r.Settings, "\n")))
	}
	if len(r.Left) > 0 {
		t.line("")
		t.line("Not deleted:")
	}
	for _, ref := range r.Left {
		t.line("  %s", Escape(ref))
	}
}

func summaryText(r probe.Report) string {
	s := r.Summary
	return fmt.Sprintf("%d passed, %d failed, %d skipped, %s; %s in %s", s.Passed, s.Failed, s.Skipped, Pluralize(s.Errors, "error"),
		Pluralize(r.Requests, "request"), r.Took.Round(10*time.Millisecond))
}
