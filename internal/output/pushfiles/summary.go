package pushfiles

import (
	"fmt"
	"slices"
	"strings"

	"manifest-tool/internal/manifest/push"
)

// maxSummary and maxFailure limit the table of a summary and the error after it, in
// bytes. GitHub Actions shows none of a step's summary if it is larger than 1 MiB.
const (
	maxSummary = 384 << 10
	maxFailure = 128 << 10
)

// renderSummary returns the step summary in Markdown: what was pushed, and why something
// was not.
func (f Files) renderSummary(indexes [][]push.Result, _ bool) ([]byte, error) {
	var b strings.Builder
	b.WriteString("### manifest-tool push\n\n")
	if results := slices.Concat(indexes...); len(results) > 0 {
		f.writeTable(&b, results)
	}
	writeFailure(&b, f.failure)
	return []byte(b.String()), nil
}

// writeTable writes a row for each index and repository, also for one that no tag names.
func (f Files) writeTable(b *strings.Builder, results []push.Result) {
	b.WriteString("| image | digest | tags |\n| --- | --- | --- |\n")
	for i, r := range results {
		row := f.row(r)
		if b.Len()+len(row) > maxSummary {
			fmt.Fprintf(b, "\n%d more are not listed.\n", len(results)-i)
			break
		}
		b.WriteString(row)
	}
	b.WriteString("\n")
}

// writeFailure writes the lines of an error as indented code, in which nothing has a
// meaning (GitHub Flavored Markdown, section 4.4).
func writeFailure(b *strings.Builder, lines []string) {
	for i, line := range lines {
		if b.Len()+len(line) > maxSummary+maxFailure {
			fmt.Fprintf(b, "    %d more lines are not listed.\n", len(lines)-i)
			break
		}
		b.WriteString("    " + line + "\n")
	}
	if len(lines) > 0 {
		b.WriteString("\n")
	}
}

func (f Files) row(r push.Result) string {
	var tags []string
	for _, t := range r.Tags {
		tag := codeSpan(t.Tag)
		switch t.State {
		case push.TagFailed:
			tag += " failed: " + codeSpan(f.Text(t.Error))
		case push.TagUnknown:
			tag += " not known: " + codeSpan(f.Text(t.Error))
		case push.TagUnchanged:
			tag += " (unchanged)"
		}
		tags = append(tags, tag)
	}
	return fmt.Sprintf("| %s | %s | %s |\n", codeSpan(r.Target.WithTag("").String()), codeSpan(r.Digest.String()), strings.Join(tags, ", "))
}

// codeSpan returns a string as a code span in a cell of a table, in which nothing of it has
// a meaning: the span has more backticks than any of its runs, and a bar is escaped
// (GitHub Flavored Markdown, sections 4.10 and 6.3). Line breaks become blanks.
func codeSpan(s string) string {
	s = strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", `\|`)
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}
