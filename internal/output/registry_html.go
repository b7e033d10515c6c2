package output

import (
	"bytes"
	_ "embed"
	"maps"
	"slices"
	"time"

	template "github.com/DataDog/datadog-agent/pkg/template/html"

	"manifest-tool/internal/probe"
)

// registryPage is the page of a report: it needs no script, no other file and no
// network, which its Content-Security-Policy enforces.
//
//go:embed registry_report.html
var registryPage string

// registryHTML writes the report as a page.
func (p Printer) registryHTML(r probe.Report) error {
	page, err := template.New("report").Funcs(template.FuncMap{
		"escape": Escape, "escapeLines": escapeLines, "server": serverText, "sections": sectionsOf, "summary": summaryText,
		"failing": func(s reportSection) string { return failingText(s.Results) },
		"result":  exchangeResult, "headers": headerLines, "statuses": statusCounts,
		"took":    func(d time.Duration) string { return d.Round(time.Millisecond).String() },
		"started": func(t time.Time) string { return t.Format("2006-01-02 15:04 MST") },
	}).Parse(registryPage)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := page.Execute(&b, r); err != nil {
		return err
	}
	return p.write(b.Bytes())
}

// statusCount is a status with its number of checks, for the filter of the page.
type statusCount struct {
	Status probe.Status
	Count  int
}

func statusCounts(s probe.Summary) []statusCount {
	return []statusCount{{probe.StatusFail, s.Failed}, {probe.StatusError, s.Errors}, {probe.StatusSkip, s.Skipped}, {probe.StatusPass, s.Passed}}
}

// failingText counts what did not pass in a section.
func failingText(results []probe.Result) string {
	n := map[probe.Status]int{}
	for _, one := range results {
		n[one.Status]++
	}
	text := Pluralize(len(results), "check")
	if n[probe.StatusFail] > 0 {
		text += ", " + Pluralize(n[probe.StatusFail], "failure")
	}
	if n[probe.StatusError] > 0 {
		text += ", " + Pluralize(n[probe.StatusError], "error")
	}
	return text
}

// headerLines returns headers as curl does, each after a mark of its direction, sorted
// by name.
func headerLines(mark string, h map[string]string) string {
	text := ""
	for _, name := range slices.Sorted(maps.Keys(h)) {
		text += mark + Escape(name+": "+h[name]) + "\n"
	}
	return text
}
