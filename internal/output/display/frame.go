package display

import (
	"math"
	"slices"
	"time"

	"manifest-tool/internal/progress"
)

// frame is the progress of a run at one moment.
type frame struct {
	now     time.Time
	elapsed time.Duration
	// active are the blobs in progress, in the order of their first bytes; ended are
	// those that ended since the last frame that was shown.
	active, ended []*blobProgress
	total         progress.Total
	// rate is that of the run, in bytes per second.
	rate float64
}

// blobProgress is a blob with its rate and the time since its first bytes.
type blobProgress struct {
	progress.BlobState
	meter
	begun   time.Time
	elapsed time.Duration
}

// frames makes frames of snapshots.
type frames struct {
	begun time.Time
	// previous is the time of the last frame, or begun.
	previous time.Time
	total    meter
	blobs    map[int]*blobProgress
	active   []*blobProgress
	// ended are blobs that no frame has shown yet.
	ended []*blobProgress
}

func newFrames(begun time.Time) *frames {
	return &frames{begun: begun, previous: begun, total: meter{last: begun}, blobs: map[int]*blobProgress{}}
}

// next returns the frame of a snapshot.
func (fs *frames) next(now time.Time, s progress.Snapshot) frame {
	for _, state := range s.Blobs {
		if state.State != progress.StateWaiting {
			fs.update(now, state)
		}
	}
	fs.active = slices.DeleteFunc(fs.active, func(b *blobProgress) bool { return b.State.Ended() })
	fs.total.add(now, s.Total.Moved)
	fs.previous = now
	return frame{now: now, elapsed: now.Sub(fs.begun), active: fs.active, ended: fs.ended, total: s.Total, rate: fs.total.rate()}
}

func (fs *frames) update(now time.Time, state progress.BlobState) {
	b := fs.blobs[state.ID]
	if b == nil {
		b = &blobProgress{meter: meter{last: fs.previous}, begun: fs.previous}
		fs.blobs[state.ID] = b
		fs.active = append(fs.active, b)
	}
	b.BlobState, b.elapsed = state, now.Sub(b.begun)
	b.add(now, state.Moved)
	if state.State.Ended() {
		delete(fs.blobs, state.ID)
		fs.ended = append(fs.ended, b)
	}
}

// meter computes a rate from the bytes so far: an average of the last seconds in
// which older ones weigh less.
type meter struct {
	last           time.Time
	bytes          int64
	moved, seconds float64
}

// rateMemory is the time, in seconds, after which what was measured weighs 1/e.
const rateMemory = 3

// add adds a measurement. Time without bytes counts, so the rate of a transfer that
// stalls falls.
func (m *meter) add(now time.Time, bytes int64) {
	past := now.Sub(m.last).Seconds()
	if past <= 0 {
		return
	}
	keep := math.Exp(-past / rateMemory)
	m.moved, m.seconds = m.moved*keep+float64(bytes-m.bytes), m.seconds*keep+past
	m.last, m.bytes = now, bytes
}

// rate returns bytes per second.
func (m *meter) rate() float64 {
	if m.seconds <= 0 {
		return 0
	}
	return max(0, m.moved/m.seconds)
}
