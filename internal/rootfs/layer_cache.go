package rootfs

type slotKey struct {
	digest, place string
	windows       bool
	// whole is a layer whose table of contents did not do.
	whole bool
}

// layerRead is a layer that was read, or is being read.
type layerRead struct {
	done     chan struct{}
	table    *Table
	verified bool
	err      error
	// forgotten says that the table has no files any more.
	forgotten bool
}

// Outcome is what reading a layer came to.
type Outcome struct {
	// Read says that the layer was asked for.
	Read bool
	// Verified says that all its bytes were read and had its digest.
	Verified bool
	// Compression, Notes and DiffID are those of its Table.
	Compression Compression
	Notes       []Note
	DiffID      string
	// Err is why it could not be read, a *SourceError where its bytes could
	// not be had.
	Err error
}

// Acquire announces that an image has these layers, and Release gives them back:
// the files of a layer that no image needs any more are forgotten, but not what
// reading it came to. Images that are announced before the first one is given
// back have each layer read once.
func (r *Reader) Acquire(layers []Layer, windows bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range layers {
		r.shares[keyOf(l, windows)]++
	}
}

// Release gives back what Share announced.
func (r *Reader) Release(layers []Layer, windows bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range layers {
		key := keyOf(l, windows)
		if r.shares[key]--; r.shares[key] > 0 {
			continue
		}
		r.slots[key].evict()
		key.whole = true
		r.slots[key].evict()
	}
}

func keyOf(l Layer, windows bool) slotKey {
	return slotKey{digest: l.Digest.String(), place: l.Place, windows: windows}
}

// evict drops the files of a layer.
func (s *layerRead) evict() {
	if s != nil && s.table != nil {
		s.forgotten = true
		s.table = &Table{Compression: s.table.Compression, Notes: s.table.Notes, DiffID: s.table.DiffID}
	}
}
