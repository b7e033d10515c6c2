package rootfs

import (
	"context"
	"errors"
	"hash/maphash"
	"sync"

	"manifest-tool/internal/oncemap"
)

// Options are the options of a Reader.
type Options struct {
	Limits Limits
	// Programs keeps the path of every program, for Stack.Programs. Every layer
	// is then read as a whole.
	Programs bool
	// FullLayers reads layers as a whole even if they have a table of contents.
	FullLayers bool
	// DiffIDs computes the digests of decompressed layers.
	DiffIDs bool
	// AtOnce is the number of large layers that are read concurrently, at least
	// 1. Each takes memory for its decompressor. More small layers are read
	// concurrently, since most of their time is latency.
	AtOnce int
}

const (
	// smallLayer is the size of a layer, in bytes, up to which the request takes
	// longer than the transfer.
	smallLayer  = 1 << 20
	smallAtOnce = 16
	zstdAtOnce  = 2
)

// Reader reads layers, each once, however many images share it. It is safe for
// concurrent use.
type Reader struct {
	opts     Options
	seed     maphash.Seed
	largeSem chan struct{}
	// smallSem bounds the small layers that are read concurrently.
	smallSem chan struct{}
	// zstdSem bounds the layers whose decompressor holds a window of megabytes.
	zstdSem chan struct{}
	// largeWindowSem admits one layer with a large zstd window; unpacking bounds
	// the files whose chunks are in memory.
	largeWindowSem, unpacking chan struct{}

	reads oncemap.Map[readKey, *layerRead]

	mu sync.Mutex
	// begun has the newest read of each layer, results its result.
	begun   map[layerKey]readKey
	results map[layerKey]*layerRead
	shares  map[layerKey]int
}

// NewReader returns a Reader that has read nothing.
func NewReader(o Options) *Reader {
	return &Reader{
		opts: o, seed: maphash.MakeSeed(),
		largeSem: make(chan struct{}, max(1, o.AtOnce)), smallSem: make(chan struct{}, smallAtOnce),
		zstdSem: make(chan struct{}, zstdAtOnce), largeWindowSem: make(chan struct{}, 1), unpacking: make(chan struct{}, max(1, o.AtOnce)),
		begun: map[layerKey]readKey{}, results: map[layerKey]*layerRead{}, shares: map[layerKey]int{},
	}
}

// Read reads a layer to its end, once. The error is a *LayerError.
func (r *Reader) Read(ctx context.Context, l Layer, windows bool) error {
	_, err := r.outcome(ctx, l, keyOf(l, windows), false)
	return err
}

// table returns the files of a layer.
func (r *Reader) table(ctx context.Context, l Layer, key layerKey) (*Table, error) {
	return r.outcome(ctx, l, key, true)
}

// outcome reads a layer once, and again only if its files are needed and were
// dropped.
func (r *Reader) outcome(ctx context.Context, l Layer, key layerKey, files bool) (*Table, error) {
	if l.Blob == nil {
		return nil, &LayerError{l.Digest, ErrNotDistributed}
	}
	read, err := r.reads.Do(ctx, r.begin(key, files), func() (*layerRead, error) {
		t, verified, err := r.read(ctx, l, key)
		return r.keep(key, &layerRead{table: t, verified: verified, err: err}), err
	})
	r.mu.Lock() // another image may be releasing the layer
	defer r.mu.Unlock()
	switch {
	case read != nil && read.err != nil:
		return nil, &LayerError{l.Digest, read.err}
	case err != nil:
		return nil, err
	}
	return read.table, nil
}

func (r *Reader) read(ctx context.Context, l Layer, key layerKey) (*Table, bool, error) {
	s := &scanner{limits: r.opts.Limits, seed: r.seed, windows: key.windows, list: r.opts.Programs, diffID: r.opts.DiffIDs, alone: r.largeWindowSem, unpacking: r.unpacking}
	var notes []Note
	if format := tocFormatOf(l); format != nil && !key.full && !r.opts.FullLayers && !r.opts.Programs {
		var t *Table
		err := withSlot(ctx, r.largeSem, func() (err error) {
			t, err = s.readContents(ctx, l, format)
			return err
		})
		if source := (*SourceError)(nil); err == nil || errors.As(err, &source) || ctx.Err() != nil {
			return t, false, err
		}
		if limit := (*LimitError)(nil); !errors.Is(err, ErrNoRange) && !errors.As(err, &limit) {
			notes = append(notes, Note{NoteContents, "the table of contents that the manifest describes", err.Error()})
		}
	}
	turns := r.largeSem
	if l.Size <= smallLayer {
		turns = r.smallSem
	}
	var t *Table
	var verified bool
	work := func() error {
		return withSlot(ctx, turns, func() (err error) {
			t, verified, err = s.scan(ctx, l)
			return err
		})
	}
	if declaredCompression(l.MediaType) == Zstd {
		read := work
		work = func() error { return withSlot(ctx, r.zstdSem, read) }
	}
	err := work()
	if t != nil {
		t.Notes = append(notes, t.Notes...)
	}
	return t, verified, err
}

// withSlot calls work when a slot of the semaphore is free.
func withSlot(ctx context.Context, turns chan struct{}, work func() error) error {
	select {
	case turns <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-turns }()
	return work()
}
