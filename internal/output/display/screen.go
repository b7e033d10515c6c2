package display

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Screen is where the streams of a run end up. On a terminal it can have lines at
// its bottom that are drawn again and again: what a stream writes appears above
// them. The cursor stays visible, in the line below.
type Screen struct {
	out  io.Writer
	size func() (columns, rows int)

	mu    sync.Mutex
	lines []string
	// columns is the width of the terminal when lines were drawn, at the time drawn.
	columns int
	drawn   time.Time
	// midLine is set if a stream has written part of a line.
	midLine bool
}

// NewScreen returns a Screen whose lines are drawn on out. size returns the size of
// that terminal; it is nil if out is not a terminal.
func NewScreen(out io.Writer, size func() (columns, rows int)) *Screen {
	return &Screen{out: out, size: size}
}

// isTerminal reports whether lines can be drawn.
func (s *Screen) isTerminal() bool { return s != nil && s.size != nil }

// Stream returns a stream that ends up on the screen. It is safe for concurrent use.
func (s *Screen) Stream(out io.Writer) io.Writer { return &screenStream{s, out} }

type screenStream struct {
	screen *Screen
	out    io.Writer
}

func (w *screenStream) Write(p []byte) (int, error) {
	s := w.screen
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.lines) > 0 {
		_, _ = io.WriteString(s.out, cursorUp(s.height())+eraseBelow)
	}
	n, err := w.out.Write(p)
	s.midLine = len(p) > 0 && !bytes.HasSuffix(p, []byte("\n"))
	if s.midLine {
		s.lines = nil
	}
	if len(s.lines) > 0 {
		_, _ = io.WriteString(s.out, strings.Join(s.lines, lineEnd)+lineEnd)
	}
	return n, err
}

// Control sequences of ECMA-48, which all terminals support that are not dumb. The
// carriage return is for terminals that do not add one to a line feed.
const (
	eraseLine  = "\x1b[K"
	eraseBelow = "\x1b[J"
	lineEnd    = "\r\n"
)

// suspendTime is the time after which lines that are drawn all the time are taken to
// have been left on the screen by a program that was stopped and continued: the
// shell has written below them since.
const suspendTime = 2 * time.Second

// draw replaces the lines by those that lines returns for the size of the terminal.
// No line may be wider than columns - 1. now is the time.
func (s *Screen) draw(now time.Time, lines func(columns, rows int) []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.midLine {
		return
	}
	columns, rows := s.size()
	next := lines(columns, rows)
	var b strings.Builder
	switch {
	case now.Sub(s.drawn) > suspendTime:
	case columns != s.columns:
		b.WriteString(cursorUp(heightOf(s.lines, columns)) + eraseBelow)
	default:
		b.WriteString(cursorUp(s.height()))
	}
	for _, line := range next {
		b.WriteString(line + eraseLine + lineEnd)
	}
	if len(next) < len(s.lines) {
		b.WriteString(eraseBelow)
	}
	s.lines, s.columns, s.drawn = next, columns, now
	_, _ = io.WriteString(s.out, b.String())
}

// erase removes the lines.
func (s *Screen) erase() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.lines) > 0 {
		_, _ = io.WriteString(s.out, cursorUp(s.height())+eraseBelow)
		s.lines = nil
	}
}

// height returns how many rows of the terminal the lines have now.
func (s *Screen) height() int {
	columns, _ := s.size()
	return heightOf(s.lines, columns)
}

// heightOf returns how many rows lines have in a terminal that has become narrower
// since they were drawn: nearly all terminals break such lines.
func heightOf(lines []string, columns int) int {
	n := 0
	for _, line := range lines {
		n += max(1, (utf8.RuneCountInString(line)+columns-1)/max(1, columns))
	}
	return n
}

// cursorUp returns what moves the cursor to the first of the rows above it. Some terminals
// take 0 rows for 1.
func cursorUp(rows int) string {
	if rows == 0 {
		return ""
	}
	return fmt.Sprintf("\r\x1b[%dA", rows)
}
