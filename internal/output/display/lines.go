package display

import (
	"fmt"
	"time"

	"manifest-tool/internal/bytesize"
	"manifest-tool/internal/output"
	"manifest-tool/internal/progress"
)

// lineView writes lines, for logs: at intervals one for each blob that takes longer,
// and one for all.
type lineView struct {
	notices output.Notices

	next time.Duration
	// reported are the blobs that have a line, by ID.
	reported map[int]bool
}

// The interval of the lines grows with the duration of the run, so that a log of
// hours remains short.
const (
	minLineInterval = 5 * time.Second
	maxLineInterval = time.Minute
)

func (v *lineView) show(f frame) {
	for _, b := range f.ended {
		if v.reported[b.ID] {
			delete(v.reported, b.ID)
			v.print("%s %s: %s in %s", actionText(b), blobText(b), bytesize.Format(b.Bytes), shortDuration(b.elapsed))
		}
	}
	if f.elapsed < v.next {
		return
	}
	if v.reported == nil {
		v.reported = map[int]bool{}
	}
	v.next = f.elapsed + min(maxLineInterval, max(minLineInterval, f.elapsed/10))
	for i, b := range f.active {
		if i < maxBars {
			v.reported[b.ID] = true
			v.print("%s %s: %s of %s, %s", actionText(b), blobText(b), bytesize.Format(b.Bytes), bytesize.Format(b.Size), rateText(b.rate()))
		}
	}
	total := fmt.Sprintf("%s of %s, %s", bytesize.Format(f.total.Bytes), bytesize.Format(f.total.Size), rateText(f.rate))
	if f.total.Blobs > 0 {
		total = fmt.Sprintf("%d of %s, %s", f.total.Ended, output.Pluralize(f.total.Blobs, "blob"), total)
	}
	if left := f.timeLeft(); left != "" {
		total += ", " + left
	}
	v.print("%s", total)
}

func (v *lineView) end(f frame, succeeded bool) {
	if succeeded {
		v.print("%s", f.summary())
	}
}

func (v *lineView) print(format string, args ...any) {
	v.notices.Print("progress", fmt.Sprintf(format, args...))
}

// actionText returns a word for what happens to a blob, or the result.
func actionText(b *blobProgress) string {
	switch {
	case b.State != progress.StateActive:
		return string(b.State)
	case b.Action == progress.ActionCopy:
		return "copying"
	}
	return "reading"
}

// blobText names a blob in a line.
func blobText(b *blobProgress) string {
	if b.Action == progress.ActionCopy {
		return output.ShortDigest(b.Digest) + " from " + b.From + " to " + b.To
	}
	return output.ShortDigest(b.Digest) + " of " + b.From
}
