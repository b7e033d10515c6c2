// Package screentest has a terminal for tests of what is drawn: it interprets the
// control sequences that package display writes, and no others.
package screentest

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// Terminal is a terminal without a lower end. Like most, it breaks long lines, and
// breaks them again when its width changes. It is safe for concurrent use.
type Terminal struct {
	mu      sync.Mutex
	columns int
	lines   []line
	row     int
	column  int
	// partial is the beginning of a control sequence or of a character.
	partial string
	unknown []string
}

// line is a row of the terminal. continued is set if the next row is part of it.
type line struct {
	text      []rune
	continued bool
}

// New returns an empty terminal of a width.
func New(columns int) *Terminal { return &Terminal{columns: columns, lines: make([]line, 1)} }

// Columns returns the width.
func (t *Terminal) Columns() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.columns
}

// Text returns what the terminal shows, without blanks and empty lines at the end.
func (t *Terminal) Text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var b strings.Builder
	for _, l := range t.lines {
		b.WriteString(strings.TrimRight(string(l.text), " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// Unknown returns the control sequences that were written and not interpreted.
func (t *Terminal) Unknown() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.unknown
}

// AtLineStart reports whether the cursor is in the first column.
func (t *Terminal) AtLineStart() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.column == 0
}

// Write shows text and interprets control sequences.
func (t *Terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	sequence := regexp.MustCompile(`^\x1b\[([0-9?;]*)([@-~])`)
	rest := t.partial + string(p)
	for rest != "" && utf8.FullRuneInString(rest) {
		if rest[0] == 0x1b {
			found := sequence.FindStringSubmatch(rest)
			if found == nil {
				break
			}
			t.control(found[1], found[2])
			rest = rest[len(found[0]):]
			continue
		}
		r, size := utf8.DecodeRuneInString(rest)
		t.put(r)
		rest = rest[size:]
	}
	t.partial = rest
	return len(p), nil
}

func (t *Terminal) put(r rune) {
	switch {
	case r == '\r':
		t.column = 0
	case r == '\n':
		t.down()
		t.column = 0 // as the terminal driver makes it
	case r < ' ':
		t.unknown = append(t.unknown, strconv.QuoteRune(r))
	default:
		if t.column == t.columns {
			t.lines[t.row].continued = true
			t.down()
			t.column = 0
		}
		l := &t.lines[t.row]
		for len(l.text) <= t.column {
			l.text = append(l.text, ' ')
		}
		l.text[t.column] = r
		t.column++
	}
}

func (t *Terminal) down() {
	t.row++
	if t.row == len(t.lines) {
		t.lines = append(t.lines, line{})
	}
}

// control interprets "cursor up", "erase to the end of the line" and "erase to the end
// of the screen" (ECMA-48).
func (t *Terminal) control(parameter, final string) {
	l := &t.lines[t.row]
	switch n, _ := strconv.Atoi(parameter); {
	case final == "A":
		t.row = max(0, t.row-max(1, n))
	case final == "K" && parameter == "":
		l.text, l.continued = l.text[:min(t.column, len(l.text))], false
	case final == "J" && parameter == "":
		l.text, l.continued = l.text[:min(t.column, len(l.text))], false
		t.lines = t.lines[:t.row+1]
	default:
		t.unknown = append(t.unknown, "\x1b["+parameter+final)
	}
}

// Resize changes the width and breaks the lines again. The cursor stays at its
// character.
func (t *Terminal) Resize(columns int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var lines []line
	row, column := 0, 0
	for i := 0; i < len(t.lines); i++ {
		joined, at := t.lines[i].text, -1
		if i == t.row {
			at = t.column
		}
		for t.lines[i].continued {
			i++
			if i == t.row {
				at = len(joined) + t.column
			}
			joined = append(joined[:len(joined):len(joined)], t.lines[i].text...)
		}
		if at >= 0 {
			row, column = len(lines)+at/columns, at%columns
		}
		for len(joined) > columns {
			lines = append(lines, line{joined[:columns:columns], true})
			joined = joined[columns:]
		}
		lines = append(lines, line{text: joined})
	}
	for len(lines) <= row {
		lines = append(lines, line{})
	}
	t.columns, t.lines, t.row, t.column = columns, lines, row, column
}
