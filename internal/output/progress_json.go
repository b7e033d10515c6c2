package output

import (
	"encoding/json"
	"io"
	"time"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/progress"
)

// ProgressSchema is the schema of a ProgressEvent.
const ProgressSchema = "progress/v1"

// ProgressEvent is one line of --progress json. It is about a blob, or about the run
// so far, or about the run at its end.
type ProgressEvent struct {
	Schema string `json:"schema"`
	// Event is blob, total or end.
	Event string    `json:"event"`
	Time  time.Time `json:"time"`
	// Blob is set if Event is blob, otherwise Total is.
	Blob  *ProgressBlob  `json:"blob,omitempty"`
	Total *ProgressTotal `json:"total,omitempty"`
}

// ProgressBlob is a blob of a run, or a part of one.
type ProgressBlob struct {
	// ID distinguishes the blobs of a run; a blob that is read twice has two.
	ID     int             `json:"id"`
	Action progress.Action `json:"action"`
	State  progress.State  `json:"state"`
	Digest digest.Digest   `json:"digest"`
	// From and To are repositories or layouts; To is for copies only.
	From string `json:"from"`
	To   string `json:"to,omitempty"`
	// Part is set for a range of a blob, whose length is Size.
	Part bool `json:"part"`
	// Bytes of Size are done.
	Bytes int64 `json:"bytes"`
	Size  int64 `json:"size"`
	// Rate is in bytes per second.
	Rate int64 `json:"rate"`
}

// ProgressTotal is the sum of all blobs so far. Size grows while a run finds more.
type ProgressTotal struct {
	Blobs   int `json:"blobs"`
	Ended   int `json:"ended"`
	Skipped int `json:"skipped"`
	Failed  int `json:"failed"`
	// Bytes of Size are done; Moved is without those of blobs that were skipped.
	Bytes int64 `json:"bytes"`
	Size  int64 `json:"size"`
	Moved int64 `json:"moved"`
	// Rate is in bytes per second.
	Rate int64 `json:"rate"`
	// Seconds have passed since the first blob.
	Seconds float64 `json:"seconds"`
	// Succeeded is whether the run did what it should; only at its end.
	Succeeded *bool `json:"succeeded,omitempty"`
}

// jsonView writes events.
type jsonView struct {
	out       io.Writer
	sanitizer *Sanitizer

	next time.Duration
	// bytes are those of the last event of each blob in progress, by ID.
	bytes map[int]int64
}

const eventInterval = time.Second

func (v *jsonView) show(f frame) {
	v.showBlobs(f, f.elapsed >= v.next)
	if f.elapsed >= v.next {
		v.next = f.elapsed + eventInterval
		v.write(f.now, ProgressEvent{Event: "total", Total: eventTotal(f)})
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
		v.write(f.now, ProgressEvent{Event: "blob", Blob: v.blob(b)})
	}
	for _, b := range f.active {
		if all && b.Bytes > v.bytes[b.ID] {
			v.bytes[b.ID] = b.Bytes
			v.write(f.now, ProgressEvent{Event: "blob", Blob: v.blob(b)})
		}
	}
}

func (v *jsonView) end(f frame, succeeded bool) {
	v.showBlobs(f, true)
	total := eventTotal(f)
	total.Succeeded = &succeeded
	v.write(f.now, ProgressEvent{Event: "end", Total: total})
}

func (v *jsonView) write(now time.Time, e ProgressEvent) {
	e.Schema, e.Time = ProgressSchema, now.UTC().Truncate(time.Millisecond)
	if line, err := json.Marshal(e); err == nil {
		_, _ = v.out.Write(append(escapeJSON(line), '\n')) // there is no one to report a failure to
	}
}

func (v *jsonView) blob(b *blobProgress) *ProgressBlob {
	return &ProgressBlob{
		ID: b.ID, Action: b.Action, State: b.State, Digest: b.Digest, From: v.sanitizer.Text(b.From), To: v.sanitizer.Text(b.To),
		Part: b.Part, Bytes: b.Bytes, Size: b.Size, Rate: int64(b.rate()),
	}
}

func eventTotal(f frame) *ProgressTotal {
	t := f.total
	return &ProgressTotal{
		Blobs: t.Blobs, Ended: t.Ended, Skipped: t.Skipped, Failed: t.Failed,
		Bytes: t.Bytes, Size: t.Size, Moved: t.Moved, Rate: int64(f.rate), Seconds: f.elapsed.Round(time.Millisecond).Seconds(),
	}
}
