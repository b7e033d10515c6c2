package rootfs

type slotKey struct {
	digest, place string
	windows       bool
	// whole is set for a layer that is read as a whole although it has a table of
	// contents.
	whole bool
}

// layerRead is a completed read of a layer, or one in progress.
type layerRead struct {
	done     chan struct{}
	table    *Table
	verified bool
	err      error
	// forgotten means that the files of the table were dropped.
	forgotten bool
}

// Outcome is the result of reading a layer.
type Outcome struct {
	// Read means that the layer was requested.
	Read bool
	// Verified means that all its bytes were read and have its digest.
	Verified bool
	// Compression, Notes and DiffID are those of its Table.
	Compression Compression
	Notes       []Note
	DiffID      string
	// Err is the reason why it could not be read, a *SourceError if its bytes
	// could not be fetched.
	Err error
}

// Acquire registers the layers of an image. When every image that has a layer
// has called Release, the files of the layer are dropped; its Outcome stays.
// Images that call Acquire before the first Release have each layer read once.
func (r *Reader) Acquire(layers []Layer, windows bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range layers {
		r.shares[keyOf(l, windows)]++
	}
}

// Release ends the use of layers that Acquire registered.
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
