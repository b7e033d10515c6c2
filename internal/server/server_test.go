package server

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/server/cache"
)

// testServer is a Server with its log, for a test.
type testServer struct {
	*Server
	log lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

// withoutSecrets is a reader that sends no secrets.
type withoutSecrets struct{ manifest.Reader }

func (withoutSecrets) Redact(text string) string { return text }

func newTestServer(t *testing.T, upstream manifest.Reader, change func(*Options)) *testServer {
	t.Helper()
	s := &testServer{}
	log := slog.New(slog.NewJSONHandler(&s.log, nil))
	u := NewUpstream(UpstreamOptions{Log: log, Now: time.Now, Open: func(bool) (RedactingReader, error) { return withoutSecrets{upstream}, nil }})
	o := Options{
		Cache: cache.New(cache.Options{Upstream: u, Storage: cache.NewMemory(1<<20, time.Now), Now: time.Now}),
		Log:   log, Now: time.Now, Timeout: 10 * time.Second,
	}
	if change != nil {
		change(&o)
	}
	s.Server = New(o)
	return s
}

// request sends a request from 192.0.2.7 for a path, as it is written, to the server.
func (s *testServer) request(t *testing.T, method, target string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequest(method, "/", nil).WithContext(t.Context())
	u, err := url.ParseRequestURI(target) // as net/http does: nothing is cleaned
	if err != nil {
		t.Fatal(err)
	}
	req.URL, req.RequestURI, req.Host, req.RemoteAddr = u, target, "images.example", "192.0.2.7:1234"
	for i := 0; i < len(header); i += 2 {
		if req.Header.Set(header[i], header[i+1]); header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	return w
}

// wantError checks an error as JSON.
func wantError(t *testing.T, w *httptest.ResponseRecorder, status int, message string) {
	t.Helper()
	var body errorBody
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != status || !strings.Contains(body.Error, message) {
		t.Errorf("status %d, body %s, want %d and %q", w.Code, w.Body, status, message)
	}
	if w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("header %v", w.Header())
	}
}

// TestFault102LogIsOneLineForARequest has line ends, a password and a very long name
// in requests.
func TestFault102LogIsOneLineForARequest(t *testing.T) {
	s := newTestServer(t, manifesttest.NewStore(t), nil)
	targets := []string{
		"/v1/images/a%0A%7B%22level%22:%22ERROR%22%7D", "/mquery?image=a%0d%0ab", "/v1/images/alice:rabbit@ghcr.io/a:1", "/mquery?image=alice:rabbit@ghcr.io/a:1",
		"/v1/images/alice:rabbit%40ghcr.io/a:1", "/v1/images/" + strings.Repeat("a", 5000), "/nothing%0A?token=rabbit",
		"/v1/image/alice:rabbit@ghcr.io/a:1", "/badge/alice:rabbit@ghcr.io/a:1", "/alice:rab%2Frabbit%40x@ghcr.io",
	}
	for _, target := range targets {
		s.request(t, http.MethodGet, target)
	}
	lines := strings.Split(strings.TrimSpace(s.log.String()), "\n")
	if len(lines) != len(targets) {
		t.Errorf("%d lines for %d requests:\n%s", len(lines), len(targets), s.log.String())
	}
	for _, line := range lines {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil || len(line) > 1000 {
			t.Errorf("%v: %s", err, line)
		}
		if fields["msg"] != "request" || fields["client"] != "192.0.2.7" || fields["method"] != "GET" || fields["status"] == nil || fields["ms"] == nil {
			t.Errorf("%s", line)
		}
	}
	if strings.Contains(s.log.String(), "rabbit") {
		t.Errorf("the log has a password:\n%s", s.log.String())
	}
}

func TestFault103PanicIsContained(t *testing.T) {
	s := newTestServer(t, panicking{}, nil)
	s.table = append(s.table, route{path: "/panic", answer: func(http.ResponseWriter, *http.Request, string) { panic("secret of the process") }})
	for range 2 {
		w := s.request(t, http.MethodGet, "/panic")
		wantError(t, w, http.StatusInternalServerError, "the service failed")
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("the client sees %s", w.Body)
		}
		// This one happens in a goroutine of the cache.
		wantError(t, s.request(t, http.MethodGet, "/v1/images/registry.example/a:1"), http.StatusBadGateway, "the service failed")
	}
	if w := s.request(t, http.MethodGet, "/healthz"); w.Code != http.StatusOK {
		t.Errorf("status %d afterwards", w.Code)
	}
	if !strings.Contains(s.log.String(), "secret of the process") || !strings.Contains(s.log.String(), "server_test.go") {
		t.Errorf("the log has no stack:\n%s", s.log.String())
	}
}

// panicking is a registry at whose answers the program fails.
type panicking struct{ manifest.Reader }

func TestRecentForgetsTheOldest(t *testing.T) {
	r := recent[int, int]{limit: 10}
	made := 0
	get := func(key int) {
		r.get(key, func() int { made++; return key })
	}
	for key := range 1000 {
		get(key)
		get(0) // it is used all the time
		if n := len(r.current) + len(r.previous); n > 20 {
			t.Fatalf("%d keys are remembered", n)
		}
	}
	if made != 1000 {
		t.Errorf("%d values were made for 1000 keys", made)
	}
}

func TestDraining(t *testing.T) {
	s := newTestServer(t, manifesttest.NewStore(t), nil)
	if w := s.request(t, http.MethodGet, "/readyz"); w.Code != http.StatusOK {
		t.Errorf("status %d", w.Code)
	}
	s.Drain()
	wantError(t, s.request(t, http.MethodGet, "/readyz"), http.StatusServiceUnavailable, "about to end")
	if w := s.request(t, http.MethodGet, "/healthz"); w.Code != http.StatusOK || w.Header().Get("Connection") != "close" {
		t.Errorf("status %d, header %v", w.Code, w.Header())
	}
}
