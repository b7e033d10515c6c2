package transport

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// narrow is an HTTP/2 host of one connection at a time for five requests.
type narrow struct {
	host   string
	tr     *Transport
	opened atomic.Int32
	free   chan struct{} // long answers end when it is closed
}

const narrowTakes = 5

// openNarrow starts the host. A path that ends in "long" is answered by a blob
// without end, one that ends in "last" by the end of its connection as well.
func openNarrow(t *testing.T, pace Timing) *narrow {
	t.Helper()
	n := &narrow{free: make(chan struct{})}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch sent, _ := io.ReadAll(r.Body); r.URL.Path {
		case "/v2/a/blobs/long":
			_ = http.NewResponseController(w).Flush()
			<-n.free
		case "/v2/a/manifests/last":
			w.Header().Set("Connection", "close")
		default:
			_, _ = w.Write(sent)
		}
	}))
	server.EnableHTTP2, server.Config.ErrorLog = true, quiet(t)
	server.Config.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: narrowTakes}
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			n.opened.Add(1)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	n.host = server.Listener.Addr().String()
	n.tr = New(Options{Host: set(HostConfig{Insecure: true, Jobs: 4}), Timing: pace})
	n.tr.Announce(n.host, "a", true)
	wantStatus(t, n.tr, 200, "GET", n.url("manifests/1"), "")
	n.opened.Store(1) // without the plain one by which TLS was found
	return n
}

func (n *narrow) url(path string) string { return "https://" + n.host + "/v2/a/" + path }

// fill opens as many long answers as a connection takes; until the host is free
// nothing else finds a place on it.
func (n *narrow) fill(t *testing.T) {
	t.Helper()
	for range narrowTakes {
		req, err := http.NewRequestWithContext(t.Context(), "GET", n.url("blobs/long"), nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := n.tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = resp.Body.Close() })
	}
}

func (n *narrow) wantOpened(t *testing.T, want int32) {
	t.Helper()
	if got := n.opened.Load(); got != want {
		t.Errorf("%d connections, want %d", got, want)
	}
}

// TestAFullConnectionIsWaitedForAMoment: what was sent before has ended, but not
// yet made room. Nothing of a body is lost meanwhile, nor read twice.
func TestAFullConnectionIsWaitedForAMoment(t *testing.T) {
	var n *narrow
	var once sync.Once
	// The first wait is what lets the others end; all are long here.
	n = openNarrow(t, Timing{Wait: func(ctx context.Context, d time.Duration) error {
		once.Do(func() { close(n.free) })
		return Sleep(ctx, 100*d)
	}})
	n.fill(t)
	body := newSource("content")
	resp, err := n.tr.RoundTrip(body.request(t.Context(), t, "PUT", n.url("manifests/2")))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, err := io.ReadAll(resp.Body); string(got) != "content" || err != nil {
		t.Errorf("the host got %q, error %v", got, err)
	}
	body.wantOpened(t, 1)
	n.wantOpened(t, 1)
}

// TestAConnectionThatStaysFullGetsASecondOne for all who wait, and not one for
// each: a blob that is sent where it comes from must not wait for itself.
func TestAConnectionThatStaysFullGetsASecondOne(t *testing.T) {
	n := openNarrow(t, Timing{})
	n.fill(t)
	together(20, func(int) { wantStatus(t, n.tr, 200, "PUT", n.url("manifests/2"), "content") })
	n.wantOpened(t, 2)
	close(n.free)
}

// TestAConnectionThatEndsIsMadeAgain once for all who come after.
func TestAConnectionThatEndsIsMadeAgain(t *testing.T) {
	n := openNarrow(t, Timing{})
	wantStatus(t, n.tr, 200, "GET", n.url("manifests/last"), "")
	together(20, func(int) { wantStatus(t, n.tr, 200, "PUT", n.url("manifests/2"), "content") })
	n.wantOpened(t, 2)
}

// lossy is a network that breaks a request off and has no connection for it then.
type lossy struct{ sent atomic.Int32 }

func (l *lossy) RoundTrip(req *http.Request) (*http.Response, error) {
	l.sent.Add(1)
	_, _ = req.Body.Read(make([]byte, 3))
	_ = req.Body.Close()
	return nil, errUseSharedConn
}

// TestWhatWasSentInPartIsNotContinued: the rest of a body is not the body.
func TestWhatWasSentInPartIsNotContinued(t *testing.T) {
	s, net, body := newSharedConn(), &lossy{}, newSource("content")
	s.h2 = true
	resp, crowded, err := s.roundTrip(net, Sleep, body.request(t.Context(), t, "PUT", "https://registry.example/v2/a/manifests/1"))
	if resp != nil {
		_ = resp.Body.Close()
	}
	if resp != nil || crowded || err == nil || !isConnError(err) || net.sent.Load() != 1 {
		t.Errorf("crowded %v, error %v after %d tries, want a broken connection after one", crowded, err, net.sent.Load())
	}
	body.wantOpened(t, 1)
}
