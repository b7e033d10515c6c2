package progress

import (
	"time"

	"github.com/opencontainers/go-digest"
)

// Schema is the schema of an Event.
const Schema = "progress/v1"

// Event is one line of --progress json. It is about a blob, or about the run
// so far, or about the run at its end.
type Event struct {
	Schema string `json:"schema"`
	// Event is blob, total or end.
	Event string    `json:"event"`
	Time  time.Time `json:"time"`
	// Blob is set if Event is blob, otherwise Total is.
	Blob  *EventBlob  `json:"blob,omitempty"`
	Total *EventTotal `json:"total,omitempty"`
}

// EventBlob is a blob of a run, or a part of one.
type EventBlob struct {
	// ID distinguishes the blobs of a run; a blob that is read twice has two.
	ID     int           `json:"id"`
	Action Action        `json:"action"`
	State  State         `json:"state"`
	Digest digest.Digest `json:"digest"`
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

// EventTotal is the sum of all blobs so far. Size grows while a run finds more.
type EventTotal struct {
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
