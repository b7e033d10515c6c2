package display

import (
	"encoding/json"
	"io"
	"time"

	"manifest-tool/internal/output"
	"manifest-tool/internal/progress"
)

// jsonView writes events.
type jsonView struct {
	out       io.Writer
	sanitizer *output.Sanitizer

	next time.Duration
	// bytes are those of the last event of each blob in progress, by ID.
	bytes map[int]int64
}

const eventInterval = time.Second

func (v *jsonView) show(f frame) {
	v.showBlobs(f, f.elapsed >= v.next)
	if f.elapsed >= v.next {
		v.next = f.elapsed + eventInterval
		v.write(f.now, progress.Event{Event: "total", Total: eventTotal(f)})
	}
}

// showBlobs writes an event for each blob that ended and, if all is set, for those of
// which bytes were moved.
func (v *jsonView) showBlobs(f frame, all bool) {
	if v.bytes == nil {
		v.bytes = map[int]int64{}
	}
	for _, b := range f.ended {
		delete(v.bytes, b.ID)
		v.write(f.now, progress.Event{Event: "blob", Blob: v.blob(b)})
	}
	for _, b := range f.active {
		if all && b.Bytes > v.bytes[b.ID] {
			v.bytes[b.ID] = b.Bytes
			v.write(f.now, progress.Event{Event: "blob", Blob: v.blob(b)})
		}
	}
}

func (v *jsonView) end(f frame, succeeded bool) {
	v.showBlobs(f, true)
	total := eventTotal(f)
	total.Succeeded = &succeeded
	v.write(f.now, progress.Event{Event: "end", Total: total})
}

func (v *jsonView) write(now time.Time, e progress.Event) {
	e.Schema, e.Time = progress.Schema, now.UTC().Truncate(time.Millisecond)
	if line, err := json.Marshal(e); err == nil {
		_, _ = v.out.Write(append(output.EscapeJSON(line), '\n')) // a failure to write to stderr cannot be reported
	}
}

func (v *jsonView) blob(b *blobProgress) *progress.EventBlob {
	return &progress.EventBlob{
		ID: b.ID, Action: b.Action, State: b.State, Digest: b.Digest, From: v.sanitizer.Text(b.From), To: v.sanitizer.Text(b.To),
		Part: b.Part, Bytes: b.Bytes, Size: b.Size, Rate: int64(b.rate()),
	}
}

func eventTotal(f frame) *progress.EventTotal {
	t := f.total
	return &progress.EventTotal{
		Blobs: t.Blobs, Ended: t.Ended, Skipped: t.Skipped, Failed: t.Failed,
		Bytes: t.Bytes, Size: t.Size, Moved: t.Moved, Rate: int64(f.rate), Seconds: f.elapsed.Round(time.Millisecond).Seconds(),
	}
}
