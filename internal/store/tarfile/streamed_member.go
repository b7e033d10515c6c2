package tarfile

import (
	"context"
	"io"
	"os"
	"sync"
)

// openStreamed opens a member of a compressed archive: at the stream that is parked
// before it, or else from the beginning. It waits while too many are open, so no
// caller may hold one member while it opens another.
func (x *index) openStreamed(ctx context.Context, from *source, m member) (_ io.ReadCloser, err error) {
	select {
	case x.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	s := x.takeParked(m.offset)
	if s == nil {
		from.retain()
		s, err = x.newStream(ctx, from, func() { _ = from.release() })
	}
	if err == nil {
		s.ctx = ctx
		_, err = io.CopyN(io.Discard, s, m.offset-s.at)
	}
	if err == nil {
		return &streamedMember{index: x, stream: s, end: m.offset + m.size}, nil
	}
	<-x.turns
	if s == nil {
		_ = from.release()
		return nil, err
	}
	s.close()
	return nil, s.cause(err)
}

// takeParked returns the parked stream if it is not after a position, and otherwise
// closes it, since it holds memory.
func (x *index) takeParked(offset int64) *stream {
	x.mu.Lock()
	s := x.parked
	x.parked = nil
	x.mu.Unlock()
	if s != nil && s.at > offset {
		s.close()
		return nil
	}
	return s
}

// park keeps a stream for the next member. One is enough: members are read in their
// order if the caller can choose.
func (x *index) park(s *stream) {
	x.mu.Lock()
	before := x.parked
	x.parked = s
	x.mu.Unlock()
	if before != nil {
		before.close()
	}
}

// streamedMember is an open member of a compressed archive. It may be closed while it
// is read, as HTTP clients do.
type streamedMember struct {
	index *index
	end   int64

	mu     sync.Mutex
	stream *stream
}

func (m *streamedMember) Read(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stream == nil {
		return 0, os.ErrClosed
	}
	left := m.end - m.stream.at
	if left <= 0 {
		return 0, io.EOF
	}
	n, err := m.stream.Read(p[:min(left, int64(len(p)))])
	if err != nil && m.stream.at < m.end {
		return n, m.stream.cause(err)
	}
	return n, nil
}

// Close keeps the stream for the next member, unless it failed or this one was not
// read to its end.
func (m *streamedMember) Close() error {
	m.mu.Lock()
	s := m.stream
	m.stream = nil
	m.mu.Unlock()
	switch {
	case s == nil:
		return nil
	case s.at == m.end:
		m.index.park(s)
	default:
		s.close()
	}
	<-m.index.turns
	return nil
}
