// Package progress counts the bytes of blobs while they are copied or read. It
// has no clock and writes nothing: the code that moves blobs reports to a Tracker,
// and a display takes a Snapshot of it from time to time.
//
// A nil Tracker, and the nil Blob that it returns, count nothing.
package progress

import (
	"sync"
	"sync/atomic"

	"github.com/opencontainers/go-digest"
)

// Action is what is done with a blob.
type Action string

// The actions.
const (
	ActionCopy Action = "copy"
	ActionRead Action = "read"
)

// State is how far a blob is.
type State string

// The states of a blob. Only the first two are followed by another.
const (
	StateWaiting State = "waiting" // no byte was moved yet
	StateActive  State = "active"
	StateCopied  State = "copied"
	StateMounted State = "mounted" // from another repository of the same registry
	StateExists  State = "exists"  // the target had it
	StateRead    State = "read"
	StateFailed  State = "failed"
)

// Ended reports whether no more bytes of the blob will be moved.
func (s State) Ended() bool { return s != StateWaiting && s != StateActive }

// Transfer describes a blob that is copied or read.
type Transfer struct {
	Action Action
	// Digest is that of the whole blob.
	Digest digest.Digest
	// From and To are repositories or layouts; To is "" for a blob that is read.
	From, To string
	// Size is how many bytes there are to move.
	Size int64
	// Part is set for a range of a blob.
	Part bool
}

// Tracker collects the blobs of a run. It is safe for concurrent use.
type Tracker struct {
	started chan struct{}
	begin   sync.Once

	mu    sync.Mutex
	last  int
	blobs []*Blob // those that the last snapshot did not report as ended
	ended Total   // all others
}

// NewTracker returns a Tracker without blobs.
func NewTracker() *Tracker { return &Tracker{started: make(chan struct{})} }

// Started returns a channel that is closed when the first blob starts.
func (t *Tracker) Started() <-chan struct{} { return t.started }

// Start adds a blob, of which no byte was moved yet.
func (t *Tracker) Start(what Transfer) *Blob {
	if t == nil {
		return nil
	}
	t.begin.Do(func() { close(t.started) })
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	what.Size = max(0, what.Size)
	b := &Blob{what: what, id: t.last}
	t.blobs = append(t.blobs, b)
	return b
}

// Blob is a blob that is copied or read, on behalf of a Tracker.
type Blob struct {
	what  Transfer
	id    int
	moved atomic.Int64
	end   atomic.Pointer[State]
}

// Reached reports that the first n bytes of the blob were moved. A stream that
// starts again from the beginning, as for a retry, counts only what is new.
func (b *Blob) Reached(n int64) {
	if b == nil {
		return
	}
	n = min(n, b.what.Size)
	for was := b.moved.Load(); n > was; was = b.moved.Load() {
		if b.moved.CompareAndSwap(was, n) {
			return
		}
	}
}

// Skip reports that the target has the blob without a transfer: state is
// StateMounted or StateExists.
func (b *Blob) Skip(state State) { b.finish(state) }

// End reports that the blob is done, or failed with err. After Skip it does nothing.
func (b *Blob) End(err error) {
	switch {
	case b == nil:
	case err != nil:
		b.finish(StateFailed)
	case b.what.Action == ActionRead:
		b.finish(StateRead)
	default:
		b.finish(StateCopied)
	}
}

func (b *Blob) finish(state State) {
	if b != nil {
		b.end.CompareAndSwap(nil, &state)
	}
}
