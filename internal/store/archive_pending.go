package store

import (
	"io"
	"maps"
	"os"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/store/atomicfile"
)

// pending are the blobs of the archives that a run writes, by path.
type pending struct {
	mu  sync.Mutex
	all map[string]*pendingBlobs
}

func (p *pending) of(path string) *pendingBlobs {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[string]*pendingBlobs{}
	}
	if p.all[path] == nil {
		p.all[path] = &pendingBlobs{path: path, blobs: map[digest.Digest]section{}}
	}
	return p.all[path]
}

// pendingBlobs are the blobs that will be in an archive, in a temporary file without a
// name. They arrive in any order and at the same time, and the members of an archive
// have to be sorted.
type pendingBlobs struct {
	path string
	// writing serializes the writes of the archive in this process.
	writing sync.Mutex

	mu    sync.Mutex
	file  *os.File
	end   int64
	blobs map[digest.Digest]section
	// adding counts the blobs that are being added.
	adding int
}

// section is a part of the temporary file.
type section struct{ offset, size int64 }

func (p *pendingBlobs) has(d digest.Digest) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.blobs[d]
	return ok
}

// add writes a blob, whose bytes are verified, to the temporary file.
func (p *pendingBlobs) add(desc ocispec.Descriptor, body io.Reader) error {
	f, at, err := p.reserve(desc.Size)
	if err == nil {
		_, err = io.Copy(io.NewOffsetWriter(f, at.offset), body)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.adding--
	if err == nil {
		p.blobs[desc.Digest] = at
	}
	return err
}

func (p *pendingBlobs) reserve(size int64) (*os.File, section, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.adding++
	if p.file == nil {
		f, err := atomicfile.Scratch(p.path)
		if err != nil {
			return nil, section{}, err
		}
		p.file = f
	}
	at := section{p.end, size}
	p.end += size
	return p.file, at, nil
}

// all returns the blobs that were added.
func (p *pendingBlobs) all() map[digest.Digest]section {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.blobs)
}

// open opens a blob.
func (p *pendingBlobs) open(at section) io.Reader {
	p.mu.Lock()
	defer p.mu.Unlock()
	return io.NewSectionReader(p.file, at.offset, at.size)
}

// remove removes blobs that are in the archive now, and the file after the last one.
func (p *pendingBlobs) remove(blobs map[digest.Digest]section) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for d := range blobs {
		delete(p.blobs, d)
	}
	if len(p.blobs) == 0 && p.adding == 0 && p.file != nil {
		_ = p.file.Close()
		p.file, p.end = nil, 0
	}
}
