package output

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fatih/color"
)

// cell is one cell of a table: a string, which is escaped when it is written, and
// its colour.
type cell struct {
	text  string
	color color.Attribute
}

// table is a table for terminals. A column that is empty in all rows is left out.
type table struct {
	header []string
	rows   [][]cell
	// right are the columns that hold numbers, aligned on their right.
	right []int
	// flexible are the columns to shorten, in this order, if the terminal is too
	// narrow. If that is not enough, lines are too long.
	flexible []shrinkable
	// indent is written before each line.
	indent string
	// details are lines below a row, by its number; they are not escaped.
	details map[int][]string
}

func (tb *table) row(cells ...cell) { tb.rows = append(tb.rows, cells) }

// addDetail adds a line under the last row.
func (tb *table) addDetail(line string) {
	if tb.details == nil {
		tb.details = map[int][]string{}
	}
	last := len(tb.rows) - 1
	tb.details[last] = append(tb.details[last], line)
}

// shrinkable is a column that may be shortened, and its minimum width.
type shrinkable struct{ column, least int }

// gap is the space between columns. minDigestWidth is the width at which digests can
// be distinguished, minPlatformWidth that of all but the longest platforms.
const (
	gap              = 2
	minDigestWidth   = 8
	minPlatformWidth = 18
)

// widths returns the width of each column in characters, 0 for one that is left out.
func (tb *table) widths() []int {
	widths := make([]int, len(tb.header))
	for _, row := range tb.rows {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(Escape(c.text)))
		}
	}
	for i, head := range tb.header {
		if widths[i] > 0 {
			widths[i] = max(widths[i], len(head))
		}
	}
	return widths
}

// total returns the width of the table, which has at least one column.
func (tb *table) total() int {
	n := len(tb.indent) - gap
	for _, w := range tb.widths() {
		if w > 0 {
			n += w + gap
		}
	}
	return n
}

// table writes a table, each column as wide as its widest cell, in characters.
func (t *text) table(tb *table) {
	if len(tb.rows) == 0 {
		return
	}
	widths, over := tb.widths(), tb.total()-t.columns
	for _, f := range tb.flexible {
		if i := f.column; t.columns > 0 && over > 0 {
			left := max(min(widths[i], f.least), widths[i]-over)
			over -= widths[i] - left
			widths[i] = left
		}
	}
	heads := make([]cell, len(tb.header))
	for i, head := range tb.header {
		heads[i] = cell{head, faint}
	}
	t.tableRow(tb, widths, heads)
	for n, row := range tb.rows {
		t.tableRow(tb, widths, row)
		for _, line := range tb.details[n] {
			t.line("%s", line)
		}
	}
}

func (t *text) tableRow(tb *table, widths []int, row []cell) {
	var line strings.Builder
	space := tb.indent
	for i, c := range row {
		if widths[i] == 0 {
			continue
		}
		shown := truncate(Escape(c.text), widths[i])
		fill := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(shown))
		shown = t.paint.style(c.color, shown)
		if slices.Contains(tb.right, i) {
			shown, fill = fill+shown, ""
		}
		line.WriteString(space + shown)
		space = fill + strings.Repeat(" ", gap)
	}
	t.line("%s", strings.TrimRight(line.String(), " "))
}

// truncate shortens a string to a width, and marks the omission.
func truncate(s string, width int) string {
	if utf8.RuneCountInString(s) <= width {
		return s
	}
	return string([]rune(s)[:max(0, width-1)]) + "…"
}
