package output

import (
	"strings"
	"unicode/utf8"
)

// gridCell is a cell of a grid: its text, escaped, and how it is painted.
type gridCell struct {
	text string
	look func(string) string
}

// grid is a table for a terminal. Its columns are as wide as their cells; one
// of them may be cut where that is too wide for the terminal.
type grid struct {
	heads []string
	// right says which columns are numbers.
	right []bool
	rows  [][]gridCell
	// below holds the lines under a row, by its number.
	below map[int][]string
}

func (g *grid) add(cells ...gridCell) { g.rows = append(g.rows, cells) }

// under adds a line under a row.
func (g *grid) under(n int, line string) {
	if g.below == nil {
		g.below = map[int][]string{}
	}
	g.below[n] = append(g.below[n], line)
}

// widths returns the width of each column in characters; one whose cells are
// all empty has none.
func (g *grid) widths() []int {
	widths := make([]int, len(g.heads))
	for _, row := range g.rows {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(c.text))
		}
	}
	for i, head := range g.heads {
		if widths[i] > 0 {
			widths[i] = max(widths[i], len(head))
		}
	}
	return widths
}

func total(widths []int) int {
	n := -gap
	for _, w := range widths {
		if w > 0 {
			n += w + gap
		}
	}
	return n
}

// write prints the table, its first column cut to fit the terminal.
func (g *grid) write(t *text, columns int) {
	widths := g.widths()
	if over := total(widths) - columns; over > 0 {
		widths[0] = max(min(widths[0], leastFirst), widths[0]-over)
	}
	heads := make([]gridCell, len(g.heads))
	for i, head := range g.heads {
		heads[i] = gridCell{head, t.paint.heading}
	}
	g.line(t, widths, heads)
	for n, row := range g.rows {
		g.line(t, widths, row)
		for _, line := range g.below[n] {
			t.line("%s", line)
		}
	}
}

// leastFirst is what is left of the first column on the narrowest terminal.
const leastFirst = 16

func (g *grid) line(t *text, widths []int, row []gridCell) {
	var line strings.Builder
	space := ""
	for i, c := range row {
		if widths[i] == 0 {
			continue
		}
		shown := cut(c.text, widths[i])
		fill := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(shown))
		line.WriteString(space)
		if shown != "" && c.look != nil {
			shown = c.look(shown)
		}
		if g.right[i] {
			shown, fill = fill+shown, ""
		}
		line.WriteString(shown)
		space = fill + strings.Repeat(" ", gap)
	}
	t.line("%s", strings.TrimRight(line.String(), " "))
}
