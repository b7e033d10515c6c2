package rootfs

type layerKey struct {
	digest, place string
	windows       bool
	// full is set for a layer that is read as a whole although it has a table of
	// contents.
	full bool
}

// readKey is one read of a layer: files that were dropped are read again.
type readKey struct {
	layerKey
	attempt int
}

// layerRead is the result of a read.
type layerRead struct {
	table    *Table
	verified bool
	err      error
	// evicted means that the files of the table were dropped.
	evicted bool
}

// begin returns the newest read of a layer, or a new one if files are needed and
// were dropped.
func (r *Reader) begin(key layerKey, files bool) readKey {
	r.mu.Lock()
	defer r.mu.Unlock()
	read, begun := r.begun[key]
	if !begun {
		read = readKey{layerKey: key}
	}
	if last := r.results[key]; files && last != nil && last.evicted {
		read.attempt++
		delete(r.results, key)
	}
	r.begun[key] = read
	return read
}

// keep keeps a result as the newest of a layer.
func (r *Reader) keep(key layerKey, read *layerRead) *layerRead {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results[key] = read
	return read
}

// Outcome returns the result of reading a layer. It waits for a read in progress.
func (r *Reader) Outcome(l Layer, windows bool) Outcome {
	read := r.newest(keyOf(l, windows))
	if read == nil {
		return Outcome{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	o := Outcome{Read: true, Verified: read.verified, Err: read.err}
	if read.table != nil {
		o.Compression, o.Notes, o.DiffID = read.table.Compression, read.table.Notes, read.table.DiffID
	}
	return o
}

// newest waits for the newest read of a layer, preferring one as a whole. The
// result is nil if the layer was not read.
func (r *Reader) newest(key layerKey) *layerRead {
	full := key
	full.full = true
	r.mu.Lock()
	read, begun := r.begun[full]
	if !begun {
		read, begun = r.begun[key]
	}
	r.mu.Unlock()
	if !begun {
		return nil
	}
	result, stored, _ := r.reads.Wait(read)
	if !stored {
		return nil
	}
	return result
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
		r.results[key].evict()
		key.full = true
		r.results[key].evict()
	}
}

func keyOf(l Layer, windows bool) layerKey {
	return layerKey{digest: l.Digest.String(), place: l.Place, windows: windows}
}

// evict drops the files of a layer.
func (s *layerRead) evict() {
	if s != nil && s.table != nil {
		s.evicted = true
		s.table = &Table{Compression: s.table.Compression, Notes: s.table.Notes, DiffID: s.table.DiffID}
	}
}
