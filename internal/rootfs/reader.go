package rootfs

import (
	"context"
	"errors"
	"hash/maphash"
	"sync"
)

// Options are the choices of a Reader.
type Options struct {
	Limits Limits
	// Programs keeps every program's path, for Stack.Programs. Every layer is
	// then read whole.
	Programs bool
	// Whole reads layers whole even where a table of contents would do.
	Whole bool
	// DiffIDs hashes layers unpacked as well.
	DiffIDs bool
	// AtOnce is how many large layers are read at once, at least 1. Each takes
	// memory for its unpacker; of small ones, whose way is what takes time,
	// more are read.
	AtOnce int
}

const (
	// smallLayer is the size of a layer, in bytes, up to which waiting for it takes
	// longer than reading it.
	smallLayer  = 1 << 20
	smallAtOnce = 16
)

// Reader reads layers, each once, however many images share it.
type Reader struct {
	opts     Options
	seed     maphash.Seed
	largeSem chan struct{}
	// smallSem are the turns of small layers.
	smallSem chan struct{}
	// largeWindowSem has one place, for what takes much memory; unpacking are the turns
	// of chunks.
	largeWindowSem, unpacking chan struct{}

	mu     sync.Mutex
	slots  map[slotKey]*layerRead
	shares map[slotKey]int
}

// NewReader returns a Reader that has read nothing.
func NewReader(o Options) *Reader {
	return &Reader{
		opts: o, seed: maphash.MakeSeed(), largeSem: make(chan struct{}, max(1, o.AtOnce)), smallSem: make(chan struct{}, smallAtOnce), largeWindowSem: make(chan struct{}, 1), unpacking: make(chan struct{}, max(1, o.AtOnce)),
		slots: map[slotKey]*layerRead{}, shares: map[slotKey]int{},
	}
}

// Outcome says what reading a layer came to; it waits for a reading that was
// begun.
func (r *Reader) Outcome(l Layer, windows bool) Outcome {
	s := r.lookup(keyOf(l, windows))
	if s == nil {
		return Outcome{}
	}
	<-s.done
	r.mu.Lock()
	defer r.mu.Unlock()
	o := Outcome{Read: true, Verified: s.verified, Err: s.err}
	if s.table != nil {
		o.Compression, o.Notes, o.DiffID = s.table.Compression, s.table.Notes, s.table.DiffID
	}
	return o
}

// lookup is the last reading of a layer that was begun, nil where there is none.
func (r *Reader) lookup(key slotKey) *layerRead {
	r.mu.Lock()
	defer r.mu.Unlock()
	whole := key
	whole.whole = true
	if s := r.slots[whole]; s != nil {
		return s
	}
	return r.slots[key]
}

// Read reads a layer to its end, unless that was done. The error is a
// *LayerError.
func (r *Reader) Read(ctx context.Context, l Layer, windows bool) error {
	_, err := r.outcome(ctx, l, keyOf(l, windows), false)
	return err
}

// table returns what is known of a layer's files.
func (r *Reader) table(ctx context.Context, l Layer, key slotKey) (*Table, error) {
	return r.outcome(ctx, l, key, true)
}

// outcome reads a layer, unless that was done: a second time only where its
// files are asked for and were forgotten.
func (r *Reader) outcome(ctx context.Context, l Layer, key slotKey, files bool) (*Table, error) {
	if l.Blob == nil {
		return nil, &LayerError{l.Digest, ErrNotDistributed}
	}
	r.mu.Lock()
	s, begun := r.slots[key]
	if files && begun && s.forgotten {
		begun = false
	}
	if !begun {
		s = &layerRead{done: make(chan struct{})}
		r.slots[key] = s
	}
	r.mu.Unlock()
	if !begun {
		t, verified, err := r.read(ctx, l, key)
		r.mu.Lock()
		s.table, s.verified, s.err = t, verified, err
		r.mu.Unlock()
		close(s.done)
	}
	select {
	case <-s.done:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	r.mu.Lock() // another image may be giving the layer back
	defer r.mu.Unlock()
	if s.err != nil {
		return nil, &LayerError{l.Digest, s.err}
	}
	return s.table, nil
}

func (r *Reader) read(ctx context.Context, l Layer, key slotKey) (*Table, bool, error) {
	s := &scanner{limits: r.opts.Limits, seed: r.seed, windows: key.windows, list: r.opts.Programs, diffID: r.opts.DiffIDs, alone: r.largeWindowSem, unpacking: r.unpacking}
	var notes []Note
	if format := tocFormatOf(l); format != nil && !key.whole && !r.opts.Whole && !r.opts.Programs {
		var t *Table
		err := withSlot(ctx, r.largeSem, func() (err error) {
			t, err = s.readContents(ctx, l, format)
			return err
		})
		if source := (*SourceError)(nil); err == nil || errors.As(err, &source) || ctx.Err() != nil {
			return t, false, err
		}
		if !errors.Is(err, ErrNoRange) {
			notes = append(notes, Note{NoteContents, "a table of contents as the manifest says", err.Error()})
		}
	}
	turns := r.largeSem
	if l.Size <= smallLayer {
		turns = r.smallSem
	}
	var t *Table
	var verified bool
	err := withSlot(ctx, turns, func() (err error) {
		t, verified, err = s.scan(ctx, l)
		return err
	})
	if t != nil {
		t.Notes = append(notes, t.Notes...)
	}
	return t, verified, err
}

// withSlot calls work once there is a place for it.
func withSlot(ctx context.Context, turns chan struct{}, work func() error) error {
	select {
	case turns <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-turns }()
	return work()
}
