package store

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// pipes is a network without buffers: what a server has written is what was
// read of it.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	sent   atomic.Int64
}

func newPipes(t *testing.T, handler http.HandlerFunc) (*pipes, http.RoundTripper) {
	t.Helper()
	p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Hour}
	go func() { _ = server.Serve(p) }() // ends with Close below
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		client, side := net.Pipe()
		select {
		case p.conns <- &counted{side, &p.sent}:
			return client, nil
		case <-p.closed: // the request of this connection took another one and is over
			return nil, net.ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
	t.Cleanup(func() {
		_ = server.Close()
		transport.CloseIdleConnections()
	})
	return p, transport
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.closed)
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// counted adds up what a server writes.
type counted struct {
	net.Conn
	sent *atomic.Int64
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.sent.Add(int64(n))
	return n, err
}

// TestLimitsALargeManifestIsReadToTheLimitOnly has a server send without end.
func TestLimitsALargeManifestIsReadToTheLimitOnly(t *testing.T) {
	p, network := newPipes(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", ocispec.MediaTypeImageIndex)
		w.Header().Set("Content-Length", "1000000000000") // or chunks would be counted
		for piece := make([]byte, 32<<10); ; {
			if _, err := w.Write(piece); err != nil {
				return
			}
		}
	})
	s := newStoreWith(t, transport.Options{Base: network, Host: set(transport.HostConfig{PlainHTTP: true})})
	_, err := s.Get(t.Context(), ref(t, s, "registry.example/a:1", false))
	var large *transport.TooLargeError
	if !errors.As(err, &large) || large.Limit != 4<<20 {
		t.Errorf("error %v", err)
	}
	// The header of the answer, and what net/http reads ahead.
	const beside = 8 << 10
	if sent := p.sent.Load(); sent < 4<<20+1 || sent > 4<<20+1+beside {
		t.Errorf("%d bytes were taken, want the limit and one more", sent)
	}
}

// TestLimitsASilentServerCostsHalfAMinute never answers any request for
// metadata; the time is the test's.
func TestLimitsASilentServerCostsHalfAMinute(t *testing.T) {
	o := smallIndex("x")
	for name, ask := range map[string]func(context.Context, *Store, reference.Ref) error{
		"get":  func(ctx context.Context, s *Store, r reference.Ref) error { _, err := s.Get(ctx, r); return err },
		"head": func(ctx context.Context, s *Store, r reference.Ref) error { _, err := s.Head(ctx, r); return err },
		"put":  func(ctx context.Context, s *Store, r reference.Ref) error { return s.Put(ctx, r, o) },
		"tags": func(ctx context.Context, s *Store, r reference.Ref) error {
			return joinTagErrors(s.PutTags(ctx, r, []string{"1", "2", "3"}, o))
		},
		"upload": func(ctx context.Context, s *Store, r reference.Ref) error {
			return s.CopyBlob(ctx, r.WithTag("other"), ref(t, s, "registry.example/b:1", true), o.Descriptor, CopyHints{Content: o.Raw})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, network := newPipes(t, func(_ http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					<-r.Context().Done()
				})
				s := newStoreWith(t, transport.Options{Base: network, Host: set(transport.HostConfig{PlainHTTP: true})})
				start := time.Now()
				err := ask(t.Context(), s, ref(t, s, "registry.example/a:1", true))
				var silent *transport.ResponseTimeoutError
				if !errors.As(err, &silent) {
					t.Errorf("error %v", err)
				}
				if took := time.Since(start); took > 31*time.Second {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}
