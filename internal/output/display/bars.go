package display

import (
	"fmt"
	"strings"

	"manifest-tool/internal/bytesize"
	"manifest-tool/internal/output"
)

// barView shows a bar for each blob in progress, and one for all.
type barView struct {
	screen  *Screen
	notices output.Notices
	unicode bool
}

func (v *barView) show(f frame) {
	v.screen.draw(f.now, func(columns, rows int) []string { return v.lines(f, columns, rows) })
}

func (v *barView) end(f frame, succeeded bool) {
	v.screen.erase()
	if succeeded {
		v.notices.Note("progress", f.summary())
	}
}

// Widths of the columns, in characters.
const (
	maxBars      = 8
	gap          = 2
	sizeColumn   = len("999 MB / 999 MB")
	rateColumn   = len("999 kB/s")
	minBarLabel  = 12 // a short digest
	minOrigin    = 8  // where a blob is read, in the label
	maxBarLabel  = 48
	minBarColumn = 6
	maxBarColumn = 40
)

// lines returns the bars for a terminal. The first of a run with more blobs in
// progress than fit are shown.
func (v *barView) lines(f frame, columns, rows int) []string {
	width := max(1, columns-1)
	var lines []string
	for _, b := range f.active {
		if len(lines) < min(maxBars, rows-2) {
			label := func(width int) string { return v.blobLabel(b, width) }
			lines = append(lines, v.line(width, label, b.Bytes, b.Size, b.rate()))
		}
	}
	return append(lines, v.line(width, f.totalLabel, f.total.Bytes, f.total.Size, f.rate))
}

// line returns a line of a width: label, bar, sizes and rate. A narrow terminal has
// no bar, then no rate.
func (v *barView) line(width int, label func(width int) string, done, size int64, rate float64) string {
	numbers := fmt.Sprintf("%*s  %*s", sizeColumn, bytesize.Format(done)+" / "+bytesize.Format(size), rateColumn, rateText(rate))
	left := width - len(numbers) - gap
	labelWidth := min(maxBarLabel, max(minBarLabel, left/2))
	bar := min(maxBarColumn, left-labelWidth-gap)
	line := label(labelWidth)
	line += strings.Repeat(" ", max(0, labelWidth-textWidth(line))+gap)
	if bar >= minBarColumn {
		line += v.bar(bar, done, size) + strings.Repeat(" ", gap)
	}
	line += numbers
	if runes := []rune(line); len(runes) > width {
		line = string(runes[:width])
	}
	return line
}

// bar returns a bar of a width.
func (v *barView) bar(width int, done, size int64) string {
	part := 0.0
	if size > 0 {
		part = float64(done) / float64(size)
	}
	if v.unicode {
		n := min(width, int(part*float64(width)))
		return strings.Repeat("█", n) + strings.Repeat("░", width-n)
	}
	n := min(width-2, int(part*float64(width-2)))
	return "[" + strings.Repeat("=", n) + strings.Repeat("-", width-2-n) + "]"
}

// blobLabel returns the digest of a blob and, if there is room, where it is read.
func (v *barView) blobLabel(b *blobProgress, width int) string {
	mark := "..."
	if v.unicode {
		mark = "…"
	}
	digest := output.ShortDigest(b.Digest)
	room := width - len(digest) - 1
	if room < minOrigin {
		return digest[:min(len(digest), width)]
	}
	return keepEnd(output.Escape(b.From), room, mark) + " " + digest
}

// totalLabel returns how many blobs are done, and how long the rest takes.
func (f frame) totalLabel(width int) string {
	ended, all := f.total.Ended, f.total.Blobs
	counts := []string{fmt.Sprintf("%d of %s", ended, output.Pluralize(all, "blob")), fmt.Sprintf("%d/%d blobs", ended, all), fmt.Sprintf("%d/%d", ended, all)}
	if all == 0 {
		counts = []string{"total"} // of parts of blobs
	}
	count := counts[0]
	for _, shorter := range counts {
		if len(count) > width {
			count = shorter
		}
	}
	if left := f.timeLeft(); left != "" && len(count)+2+len(left) <= width {
		count += ", " + left
	}
	return count
}
