package transport

import (
	"context"
	"io"
	"net"
	"sync"
)

// connBufferSize is the number of bytes of a body that are read and sent at a time.
// net/http uses 32 KiB; each piece costs two system calls and wakes two other
// processes.
const connBufferSize = 512 << 10

// withLargeBuffers makes connections whose bodies are sent in large pieces.
func withLargeBuffers(dial dialer) dialer {
	buffers := &sync.Pool{New: func() any { return new([connBufferSize]byte) }}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return newStream(c, buffers), nil
	}
}

// bufferedConn is a connection that sends bodies in large pieces.
type bufferedConn struct {
	net.Conn
	buffers *sync.Pool
	ended   <-chan struct{} // closed when the connection is
	end     func()
}

func newStream(c net.Conn, buffers *sync.Pool) *bufferedConn {
	ended := make(chan struct{})
	return &bufferedConn{Conn: c, buffers: buffers, ended: ended, end: sync.OnceFunc(func() { close(ended) })}
}

// Close ends the connection.
func (s *bufferedConn) Close() error {
	defer s.end()
	return s.Conn.Close()
}

// ReadFrom sends all that r has, as io.ReaderFrom describes it.
func (s *bufferedConn) ReadFrom(r io.Reader) (int64, error) {
	buffer, _ := s.buffers.Get().(*[connBufferSize]byte) // New makes nothing else
	defer s.buffers.Put(buffer)
	return io.CopyBuffer(onlyWriter{s.Conn}, r, buffer[:])
}

// onlyWriter hides that a connection can read from a reader itself.
type onlyWriter struct{ io.Writer }
