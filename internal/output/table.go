package output

import (
	"strings"
	"unicode/utf8"

	"github.com/fatih/color"
)

// The meanings of colours in tables; plain is none, faint steps back.
const (
	plain   = color.Reset
	faint   = color.Faint
	good    = color.FgGreen
	bad     = color.FgRed
	notable = color.FgYellow
)

// cell is one cell of a table: text from anywhere, escaped when it is written,
// and its colour.
type cell struct {
	text  string
	color color.Attribute
}

// table is rows of cells in columns, for terminals.
type table struct {
	rows [][]cell
	// flexible are the columns that are cut when the terminal is too narrow,
	// the first one first.
	flexible []int
}

func (t *table) row(cells ...cell) { t.rows = append(t.rows, cells) }

// header adds a row of headings.
func (t *table) header(names ...string) {
	var cells []cell
	for _, name := range names {
		cells = append(cells, cell{name, faint})
	}
	t.row(cells...)
}

// gap is the space between columns, leastFlexible the width below which a
// flexible column is not cut.
const (
	gap           = 2
	leastFlexible = 8
)

// table writes the rows below each other, indented, each column as wide as its
// widest cell. Widths count characters.
func (t *text) table(tb table, indent string) {
	if len(tb.rows) < 2 {
		return // headings of nothing
	}
	widths := tb.widths()
	for _, i := range tb.flexible {
		if over := sum(widths) + gap*(len(widths)-1) + len(indent) - t.columns; t.columns > 0 && over > 0 {
			widths[i] = max(min(widths[i], leastFlexible), widths[i]-over)
		}
	}
	for _, row := range tb.rows {
		var line strings.Builder
		line.WriteString(indent)
		for i, c := range row {
			shown := cut(Escape(c.text), widths[i])
			line.WriteString(t.paint.shade(c.color, shown))
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", widths[i]+gap-utf8.RuneCountInString(shown)))
			}
		}
		t.line("%s", strings.TrimRight(line.String(), " "))
	}
}

func (t table) widths() []int {
	var widths []int
	for _, row := range t.rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(Escape(c.text)))
		}
	}
	return widths
}

func sum(numbers []int) int {
	total := 0
	for _, n := range numbers {
		total += n
	}
	return total
}

// cut shortens a text to a width, with a mark where something is left out.
func cut(s string, width int) string {
	if utf8.RuneCountInString(s) <= width {
		return s
	}
	return string([]rune(s)[:max(0, width-1)]) + "…"
}

// shade colours a text that is escaped already.
func (p paint) shade(c color.Attribute, s string) string {
	switch {
	case c == plain:
		return s
	case c == faint && p.on && s != "":
		weak := color.New(color.Faint)
		weak.EnableColor()
		return weak.Sprint(s)
	case c == faint:
		return s
	}
	return p.in(c, s)
}
