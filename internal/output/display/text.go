package display

import (
	"fmt"
	"time"
	"unicode/utf8"

	"manifest-tool/internal/bytesize"
	"manifest-tool/internal/output"
)

// rateText returns a rate in bytes per second.
func rateText(rate float64) string { return bytesize.Format(int64(rate)) + "/s" }

// shortDuration returns a duration in seconds, with one decimal below ten.
func shortDuration(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// maxTimeLeft is the longest estimate that is shown.
const maxTimeLeft = 100 * time.Hour

// timeLeft returns how long the rest of a run takes at its present rate, "" if that
// is unknown.
func (f frame) timeLeft() string {
	rest := f.total.Size - f.total.Bytes
	if rest <= 0 || f.rate < 1 || float64(rest)/f.rate > maxTimeLeft.Seconds() {
		return ""
	}
	left := time.Duration(float64(rest) / f.rate * float64(time.Second)).Round(time.Second)
	return shortDuration(max(left, time.Second)) + " left"
}

// summary returns the result of a run: what was moved, how fast, and how much was
// there already.
func (f frame) summary() string {
	s := fmt.Sprintf("%s in %s", bytesize.Format(f.total.Moved), shortDuration(f.elapsed))
	if seconds := f.elapsed.Seconds(); seconds > 0 {
		s += ", " + rateText(float64(f.total.Moved)/seconds)
	}
	if f.total.Blobs > 0 {
		s = output.Pluralize(f.total.Blobs, "blob") + ", " + s
	}
	if n := f.total.Skipped; n > 0 {
		s += fmt.Sprintf("; %d of them existed or were mounted", n)
	}
	return s
}

// textWidth is the width of a string on a terminal, or more: a character that is not
// ASCII counts as a wide one.
func textWidth(s string) int {
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if r >= utf8.RuneSelf && r != '…' {
			n++
		}
	}
	return n
}

// keepEnd shortens a string to a width, and replaces its beginning by a mark.
func keepEnd(s string, width int, mark string) string {
	if textWidth(s) <= width {
		return s
	}
	runes, left := []rune(s), width-utf8.RuneCountInString(mark)
	start := len(runes)
	for start > 0 && left >= textWidth(string(runes[start-1:start])) {
		start--
		left -= textWidth(string(runes[start : start+1]))
	}
	return mark + string(runes[start:])
}
