package output

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fatih/color"
)

// cell is one cell of a table: text from anywhere, escaped when it is written,
// and its colour.
type cell struct {
	text  string
	color color.Attribute
}

// table is rows of cells in columns, for terminals. A column without a text in
// any row is left out.
type table struct {
	header []string
	rows   [][]cell
	// right are the columns that hold numbers, aligned on their right.
	right []int
	// shrinkable are the columns that are cut when the terminal is too narrow,
	// the first one first. Where that is not enough, lines are too long.
	flexible []shrinkable
	// indent stands before each line.
	indent string
	// details holds lines under a row, by its number; they are written as they are.
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

// shrinkable is a column that may be cut, and the width below which it is not.
type shrinkable struct{ column, least int }

// gap is the space between columns, readable the width of a text that can still
// be told from others, and ordinary that of a platform but the longest.
const (
	gap              = 2
	minDigestWidth   = 8
	minPlatformWidth = 18
)

// widths returns the width of each column in characters, 0 for one that is left
// out.
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

// total is how wide the whole table is, which has at least one column.
func (tb *table) total() int {
	n := len(tb.indent) - gap
	for _, w := range tb.widths() {
		if w > 0 {
			n += w + gap
		}
	}
	return n
}

// table writes the rows below each other, each column as wide as its widest
// cell. Widths count characters.
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

// truncate shortens a text to a width, with a mark where something is left out.
func truncate(s string, width int) string {
	if utf8.RuneCountInString(s) <= width {
		return s
	}
	return string([]rune(s)[:max(0, width-1)]) + "…"
}
