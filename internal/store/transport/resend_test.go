package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// source opens bodies and counts those that were opened and closed.
type source struct {
	content string
	opened  atomic.Int32
	closed  chan struct{}
}

func newSource(content string) *source {
	return &source{content: content, closed: make(chan struct{}, 100)}
}

func (s *source) read() (io.ReadCloser, error) {
	s.opened.Add(1)
	return &sourceBody{Reader: strings.NewReader(s.content), of: s}, nil
}

// sourceBody counts as closed once, however often it is closed.
type sourceBody struct {
	io.Reader
	of   *source
	once sync.Once
}

func (b *sourceBody) Close() error {
	b.once.Do(func() { b.of.closed <- struct{}{} })
	return nil
}

// wantOpened checks how often the source was opened and that all of it is
// closed, which net/http may do a moment after its answer.
func (s *source) wantOpened(t *testing.T, want int32) {
	t.Helper()
	if got := s.opened.Load(); got != want {
		t.Errorf("opened %d times, want %d", got, want)
	}
	for range s.opened.Load() {
		select {
		case <-s.closed:
		case <-time.After(10 * time.Second):
			t.Fatal("a body was left open")
		}
	}
}

// request is one that sends the source.
func (s *source) request(ctx context.Context, t *testing.T, method, url string) *http.Request {
	t.Helper()
	body, _ := s.read()
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength, req.GetBody = int64(len(s.content)), s.read
	return req
}

func TestFault58ABodyIsSentAgainAfterA401(t *testing.T) {
	for _, asks := range []authScheme{basicAuth, bearerAuth} {
		for _, method := range []string{"POST", "PUT", "PATCH"} {
			for _, hangUp := range []bool{false, true} {
				name := map[authScheme]string{basicAuth: "basic", bearerAuth: "bearer"}[asks] + " " + method
				if hangUp {
					name += " with Connection: close"
				}
				t.Run(name, func(t *testing.T) { wantResent(t, asks, method, hangUp) })
			}
		}
	}
}

func wantResent(t *testing.T, asks authScheme, method string, hangUp bool) {
	registry := &gate{asks: asks}
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/token" {
			got = append(got, bodyOf(r))
		}
		if hangUp {
			w.Header().Set("Connection", "close")
		}
		registry.ServeHTTP(w, r)
	}))
	defer server.Close()
	registry.name = server.URL
	host := server.Listener.Addr().String()
	tr := New(Options{Credentials: keys{host: alice}})
	tr.Announce(host, "a", true)
	src := newSource(strings.Repeat("blob", 1<<14))
	resp, err := (&http.Client{Transport: tr}).Do(src.request(t.Context(), t, method, "https://"+host+"/v2/a/blobs/uploads/1"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated || len(got) != 2 || got[1] != src.content {
		t.Errorf("status %d after %d bodies, want 201 after 2, the last one whole", resp.StatusCode, len(got))
	}
	src.wantOpened(t, 2)
}

// TestNoBodyIsLeftOpen is about requests that end without being sent again, or
// without being sent at all.
func TestNoBodyIsLeftOpen(t *testing.T) {
	answer := func(status int, header, value string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(header, value)
			w.WriteHeader(status)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name   string
		ctx    context.Context
		answer http.HandlerFunc
		opened int32
	}{
		{"a 401 that is final", t.Context(), answer(401, "WWW-Authenticate", "Negotiate"), 1},
		{"a wrong password", t.Context(), answer(401, "WWW-Authenticate", `Basic realm="r"`), 2},
		{"a token that is refused", t.Context(), answer(401, "WWW-Authenticate", `Bearer realm="http://in-clear.example/"`), 1},
		{"a wait that is too long", t.Context(), answer(429, "Retry-After", "86400"), 1},
		{"a request that is cancelled already", cancelled, answer(200, "X", "y"), 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": tt.answer}}
			tr := New(Options{Base: net, Credentials: keys{"registry.example": alice}})
			tr.Announce("registry.example", "a", true)
			src := newSource("blob")
			if resp, err := tr.RoundTrip(src.request(tt.ctx, t, "PUT", manifestOf("a"))); err == nil {
				_ = resp.Body.Close()
			}
			src.wantOpened(t, tt.opened)
		})
	}
}

func TestARequestThatCannotBeRepeatedIsNot(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusServiceUnavailable} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
				w.WriteHeader(status)
			}}}
			tr := New(Options{Base: net, Credentials: keys{"registry.example": alice}})
			tr.Announce("registry.example", "a", true)
			req, err := http.NewRequestWithContext(t.Context(), "PUT", manifestOf("a"), struct{ io.Reader }{bytes.NewReader([]byte("once"))})
			if err != nil {
				t.Fatal(err)
			}
			resp, err := tr.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != status {
				t.Errorf("status %d, want %d", resp.StatusCode, status)
			}
			net.wantExactly(t, map[string]int{"PUT " + manifestOf("a") + " - " + statusText(status): 1})
		})
	}
}

func TestABodyThatCannotBeReadAgainIsAnError(t *testing.T) {
	registry := &gate{name: "https://registry.example", asks: basicAuth}
	net, tr := around(registry)
	tr.Announce("registry.example", "a", true)
	gone := errors.New("the source is gone")
	req := newSource("blob").request(t.Context(), t, "PUT", manifestOf("a"))
	req.GetBody = func() (io.ReadCloser, error) { return nil, gone }
	resp, err := tr.RoundTrip(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	if !errors.Is(err, gone) {
		t.Errorf("error %v, want %v", err, gone)
	}
	net.wantExactly(t, map[string]int{"PUT " + manifestOf("a") + " - 401": 1})
}
