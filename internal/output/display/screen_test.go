package display

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/output/display/screentest"
)

// screenOn returns a screen on a terminal of a width, with the streams of both of a
// program's outputs.
func screenOn(columns int) (s *Screen, terminal *screentest.Terminal, stdout, stderr io.Writer) {
	terminal = screentest.New(columns)
	s = NewScreen(terminal, func() (int, int) { return terminal.Columns(), 24 })
	return s, terminal, s.Stream(terminal), s.Stream(terminal)
}

// wantScreen compares what a terminal shows.
func wantScreen(t *testing.T, terminal *screentest.Terminal, want ...string) {
	t.Helper()
	if diff := cmp.Diff(strings.Join(want, "\n"), terminal.Text()); diff != "" {
		t.Errorf("the terminal shows (-want +got):\n%s", diff)
	}
	if u := terminal.Unknown(); len(u) > 0 {
		t.Errorf("control sequences %q", u)
	}
}

func drawn(lines ...string) func(int, int) []string {
	return func(int, int) []string { return lines }
}

// at returns a time at which the screen draws, in tenths of a second.
func at(n int) time.Time { return time.Unix(1000, int64(n)*1e8) }

func TestScreen(t *testing.T) {
	s, terminal, stdout, stderr := screenOn(40)
	fmt.Fprintln(stderr, "warning: before")
	s.draw(at(0), drawn("one 10%", "two 20%"))
	s.draw(at(1), drawn("one 11%", "two 21%"))
	wantScreen(t, terminal, "warning: before", "one 11%", "two 21%")

	fmt.Fprintln(stderr, "warning: a line that is longer than the terminal is wide")
	fmt.Fprintln(stdout, "Digest: sha256:1")
	wantScreen(t, terminal, "warning: before", "warning: a line that is longer than the", "terminal is wide", "Digest: sha256:1", "one 11%", "two 21%")

	s.draw(at(2), drawn("two 99%"))
	s.draw(at(3), drawn("two 9%", "three"))
	s.erase()
	fmt.Fprintln(stderr, "error")
	wantScreen(t, terminal, "warning: before", "warning: a line that is longer than the", "terminal is wide", "Digest: sha256:1", "error")
	if !terminal.AtLineStart() {
		t.Error("the cursor is not at the start of a line")
	}
}

// TestScreenWithAPartOfALine draws nothing in the middle of a line.
func TestScreenWithAPartOfALine(t *testing.T) {
	s, terminal, stdout, _ := screenOn(40)
	s.draw(at(0), drawn("one"))
	fmt.Fprint(stdout, "Dig")
	s.draw(at(1), drawn("one", "two"))
	wantScreen(t, terminal, "Dig")
	fmt.Fprintln(stdout, "est: 1")
	s.draw(at(2), drawn("one", "two"))
	wantScreen(t, terminal, "Digest: 1", "one", "two")
}

// TestScreenIsResized draws over lines that the terminal has broken, and over no
// others.
func TestScreenIsResized(t *testing.T) {
	s, terminal, _, stderr := screenOn(40)
	wide := func(columns, _ int) []string {
		return []string{strings.Repeat("a", columns-1), strings.Repeat("b", columns-1), "c"}
	}
	fmt.Fprintln(stderr, "first")
	s.draw(at(0), wide)
	for i, columns := range []int{15, 10, 60, 12} {
		terminal.Resize(columns)
		s.draw(at(i+1), wide)
		wantScreen(t, terminal, append([]string{"first"}, wide(columns, 0)...)...)
	}
	terminal.Resize(7)
	fmt.Fprintln(stderr, "warning")
	terminal.Resize(5)
	s.erase()
	wantScreen(t, terminal, "first", "warni", "ng")
}

// TestScreenIsContinued leaves alone what a shell wrote while the program was stopped.
func TestScreenIsContinued(t *testing.T) {
	s, terminal, _, _ := screenOn(40)
	s.draw(at(0), drawn("one", "two"))
	fmt.Fprintln(terminal, "$ fg")
	s.draw(at(50), drawn("one", "two"))
	s.draw(at(51), drawn("one", "2"))
	wantScreen(t, terminal, "one", "two", "$ fg", "one", "2")
}

// TestAScreenThatIsNoTerminal passes everything on.
func TestAScreenThatIsNoTerminal(t *testing.T) {
	var out strings.Builder
	s := NewScreen(&out, nil)
	fmt.Fprint(s.Stream(&out), "a\nb")
	if s.isTerminal() || out.String() != "a\nb" {
		t.Errorf("%q", out.String())
	}
}
