package progress

import "manifest-tool/internal/bytesize"

// BlobState is a blob at one moment.
type BlobState struct {
	Transfer
	// ID distinguishes the blobs of a run; a blob that is read twice has two.
	ID    int
	State State
	// Bytes of Size are done. Moved is without those of a blob that was skipped.
	Bytes, Moved int64
}

// Total is the sum of the blobs of a run so far.
type Total struct {
	// Blobs have started, and Ended of them are done. Parts are not counted.
	Blobs, Ended int
	// Skipped are the blobs that were mounted or existed, Failed those that failed.
	Skipped, Failed int
	// Bytes of Size are done. Of a blob that was not read to its end, or failed,
	// only what was read counts.
	Bytes, Size int64
	// Moved are the bytes that were read or sent.
	Moved int64
}

// Snapshot is the state of a run at one moment.
type Snapshot struct {
	// Blobs are those in progress and those that ended since the last snapshot, in
	// the order in which they started.
	Blobs []BlobState
	Total Total
}

// Snapshot returns the state of all blobs. A blob that ended is in one snapshot.
func (t *Tracker) Snapshot() Snapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	open := t.blobs[:0]
	s := Snapshot{}
	var now Total
	for _, b := range t.blobs {
		state := b.state()
		s.Blobs = append(s.Blobs, state)
		if state.State.Ended() {
			t.ended.add(state)
			continue
		}
		now.add(state)
		open = append(open, b)
	}
	clear(t.blobs[len(open):])
	t.blobs = open
	s.Total = now.plus(t.ended)
	return s
}

func (b *Blob) state() BlobState {
	end := b.end.Load() // before the bytes, which are then final
	s := BlobState{Transfer: b.what, ID: b.id, State: StateWaiting, Moved: b.moved.Load()}
	s.Bytes = s.Moved
	switch {
	case end != nil:
		s.State = *end
	case s.Moved > 0:
		s.State = StateActive
	}
	switch s.State {
	case StateCopied:
		s.Bytes = s.Size
	case StateMounted, StateExists:
		s.Bytes, s.Moved = s.Size, 0
	}
	return s
}

func (t *Total) add(b BlobState) {
	size := b.Size
	if b.State == StateRead || b.State == StateFailed {
		size = b.Bytes
	}
	t.Bytes, t.Size, t.Moved = bytesize.Add(t.Bytes, b.Bytes), bytesize.Add(t.Size, size), bytesize.Add(t.Moved, b.Moved)
	if b.Part {
		return
	}
	t.Blobs++
	switch b.State {
	case StateMounted, StateExists:
		t.Skipped++
	case StateFailed:
		t.Failed++
	}
	if b.State.Ended() {
		t.Ended++
	}
}

func (t Total) plus(o Total) Total {
	return Total{
		Blobs: t.Blobs + o.Blobs, Ended: t.Ended + o.Ended, Skipped: t.Skipped + o.Skipped, Failed: t.Failed + o.Failed,
		Bytes: bytesize.Add(t.Bytes, o.Bytes), Size: bytesize.Add(t.Size, o.Size), Moved: bytesize.Add(t.Moved, o.Moved),
	}
}
