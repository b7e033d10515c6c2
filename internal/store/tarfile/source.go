package tarfile

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"manifest-tool/internal/oncemap"
)

// source is the file of an archive. It is closed when no one uses it any more: the
// archive itself, its open members, a parked stream.
type source struct {
	io.ReaderAt
	io.Closer
	users atomic.Int32
}

func newSource(f interface {
	io.ReaderAt
	io.Closer
},
) *source {
	s := &source{ReaderAt: f, Closer: f}
	s.users.Store(1)
	return s
}

func (s *source) retain() *source {
	s.users.Add(1)
	return s
}

func (s *source) release() error {
	if s.users.Add(-1) > 0 {
		return nil
	}
	return s.Close()
}

// Cache opens archives. It scans each once, until its file changes. The zero value is
// ready for use, and it is safe for concurrent use.
type Cache struct {
	mu   sync.Mutex
	last map[string]*scanned
}

// scanned is the scan of a file in the state that stat describes.
type scanned struct {
	size  int64
	time  time.Time
	index oncemap.Map[struct{}, *index]
}

// Open opens an archive and scans it if that was not done before. The error is an
// *Error for an archive that cannot be used, and an *fs.PathError for a file that
// cannot be opened.
func (c *Cache) Open(ctx context.Context, path string, l Limits) (*File, error) {
	// Opening a pipe would wait for its writer.
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, &Error{Problem: ErrNotTar, Err: errDirectory}
	case !info.Mode().IsRegular():
		return nil, &Error{Problem: ErrNotRegular}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	x, err := c.scan(ctx, path, f, l)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &File{x, newSource(f)}, nil
}

func (c *Cache) scan(ctx context.Context, path string, f *os.File, l Limits) (*index, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	s := c.last[path]
	if s == nil || s.size != info.Size() || !s.time.Equal(info.ModTime()) {
		s = &scanned{size: info.Size(), time: info.ModTime()}
		if c.last == nil {
			c.last = map[string]*scanned{}
		}
		c.last[path] = s
	}
	c.mu.Unlock()
	return s.index.Do(ctx, struct{}{}, func() (*index, error) { return scan(ctx, f, info.Size(), l) })
}
