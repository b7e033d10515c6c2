package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
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

func newTestServer(t *testing.T, upstream manifest.Reader, change func(*Options)) *testServer {
	t.Helper()
	s := &testServer{}
	log := slog.New(slog.NewJSONHandler(&s.log, nil))
	u := NewUpstream(UpstreamOptions{Log: log, Now: time.Now, Open: func(bool) (manifest.Reader, error) { return upstream, nil }})
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

// badNames returns names that the grammar of distribution does not allow, escaped as
// in a path: bad parts in all places, and others.
func badNames() []string {
	names := []string{
		"", "a:1/", "a@sha256:..", "a@sha256:1", "a%00:1", "a%0A:1", "a%20b:1", "A:1", "a:1%3Fx", "a:1%23x", "%2e%2e/a", "%2e%2e%2fa:1", "a%2F%2Fb", "a%2f..%2fb:1",
		"a:%2e%2e", "oci-layout:%2F%2Fetc", "file:%2F%2F%2Fetc%2Fpasswd", "https:%2F%2Fa", strings.Repeat("a/", 300) + "a", "a:" + strings.Repeat("1", 200),
	}
	for _, part := range []string{"..", ".", "...", "", "-a", "a-", "_a", "a_", ".a", "a.", "a..b", "a___b", "a._b", "Aa", "a~", "a*", "a%25", "a%7E", "%C3%A9", "a;b", "a=b", "a,b"} {
		for _, form := range []string{"%s/a:1", "a/%s:1", "a/%s/b:1", "a/../%s/b:1", "a/b/%s", "a/%s/..", "a/%s@sha256:" + strings.Repeat("0", 64)} {
			names = append(names, strings.Replace(form, "%s", part, 1))
		}
	}
	for _, tag := range []string{"..", ".1", "-1", "", "a%2Fb", "a:b", "%20", "1%0A", "%C3%A9", "a+b", "a~", "a*"} {
		names = append(names, "a:"+tag, "a/b:"+tag, "a/../b:"+tag)
	}
	return names
}

// TestFault96NamesAreNotCleaned names images that no registry can have. None is
// looked for, under this name or another one.
func TestFault96NamesAreNotCleaned(t *testing.T) {
	registry := manifesttest.NewScripted(t)
	registry.AddImage("1", "an image")
	s := newTestServer(t, manifesttest.NewStore(t), nil)
	names := badNames()
	if len(names) < 200 {
		t.Fatalf("only %d names", len(names))
	}
	for _, name := range names {
		for _, host := range []string{"", registry.Host + "/"} {
			if host != "" && strings.Contains(name, "%2F%2F") {
				continue
			}
			for _, target := range []string{"/v1/images/" + host + name, "/mquery?image=" + host + name} {
				w := s.request(t, http.MethodGet, target)
				wantError(t, w, http.StatusBadRequest, "")
				if w.Header().Get("Location") != "" {
					t.Errorf("%s leads to %s", target, w.Header().Get("Location"))
				}
			}
			if strings.HasSuffix(name, "1") { // else the suffix makes it another name
				if w := s.request(t, http.MethodGet, "/badge/"+host+name+".svg"); w.Code != http.StatusBadRequest {
					t.Errorf("badge of %q: %d", name, w.Code)
				}
			}
		}
	}
	if registry.Count("") > 0 {
		t.Errorf("requests: %q", registry.Requests())
	}
}

func TestFault102RejectsWhatIsNotARequest(t *testing.T) {
	s := newTestServer(t, manifesttest.NewStore(t), func(o *Options) { o.Hosts = []string{"localhost", "::1", "images.example"} })
	wantError(t, s.request(t, http.MethodGet, "/mquery?image="+strings.Repeat("a", maxURL)), http.StatusRequestURITooLong, "too long")
	wantError(t, s.request(t, http.MethodGet, "/nothing"), http.StatusNotFound, "/openapi.json")
	for _, host := range []string{"evil.example", "images.example.evil.example", "", "localhost.evil.example:80", "127.0.0.1:80"} {
		wantError(t, s.request(t, http.MethodGet, "/openapi.json", "Host", host), http.StatusMisdirectedRequest, "--host")
	}
	for host, status := range map[string]int{ // of probes
		"10.1.2.3:8080": http.StatusOK, "[fd00::1]:8080": http.StatusOK, "10.1.2.3": http.StatusOK,
		"evil.example": http.StatusMisdirectedRequest, "10.1.2.3.evil.example:8080": http.StatusMisdirectedRequest, "": http.StatusMisdirectedRequest,
	} {
		for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
			if w := s.request(t, http.MethodGet, path, "Host", host); w.Code != status {
				t.Errorf("%s at %q: %d, want %d", path, host, w.Code, status)
			}
		}
	}
	for _, host := range []string{"localhost:8080", "LOCALHOST", "[::1]:8080", "[::1]", "images.example:443"} {
		if w := s.request(t, http.MethodGet, "/healthz", "Host", host); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", host, w.Code, w.Body)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"} {
		for _, path := range []string{"/mquery?image=a", "/v1/images/a", "/badge/a.svg", "/healthz", "/metrics", "/nothing"} {
			w := s.request(t, method, path)
			wantError(t, w, http.StatusMethodNotAllowed, "GET")
			if w.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: Allow %q", method, path, w.Header().Get("Allow"))
			}
		}
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

func TestRateOfAClient(t *testing.T) {
	now := time.Now()
	s := newTestServer(t, manifesttest.NewStore(t), func(o *Options) {
		o.Rate, o.Now = 1, func() time.Time { return now }
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	})
	from := func(client string) int {
		return s.request(t, http.MethodGet, "/openapi.json", "X-Forwarded-For", client).Code
	}
	for i := range burstSeconds {
		if code := from("203.0.113.1"); code != http.StatusOK {
			t.Fatalf("request %d: %d", i, code)
		}
	}
	w := s.request(t, http.MethodGet, "/openapi.json", "X-Forwarded-For", "198.51.100.9, 203.0.113.1")
	wantError(t, w, http.StatusTooManyRequests, "too many requests")
	if w.Header().Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
	}
	if from("203.0.113.2") != http.StatusOK || s.request(t, http.MethodGet, "/healthz", "X-Forwarded-For", "203.0.113.1").Code != http.StatusOK {
		t.Error("another client, or a probe, is limited too")
	}
	now = now.Add(time.Second)
	if from("203.0.113.1") != http.StatusOK || from("203.0.113.1") != http.StatusTooManyRequests {
		t.Error("one more request a second is allowed, and only one")
	}
	for i := range burstSeconds + 1 { // addresses of one IPv6 network
		if code := from(fmt.Sprintf("2001:db8::%d", i)); (code == http.StatusOK) != (i < burstSeconds) {
			t.Errorf("request %d: %d", i, code)
		}
	}
}

func TestClientBehindProxies(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, tt := range []struct {
		connected, forwarded, want string
	}{
		{"203.0.113.1:5", "", "203.0.113.1"},
		{"203.0.113.1:5", "198.51.100.1", "203.0.113.1"}, // it is not a trusted proxy
		{"10.0.0.1:5", "198.51.100.1", "198.51.100.1"},
		{"[::ffff:10.0.0.1]:5", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:5", "1.1.1.1, 198.51.100.1", "198.51.100.1"}, // the client wrote the first
		{"10.0.0.1:5", "198.51.100.1, 10.2.2.2, fd00::1", "198.51.100.1"},
		{"10.0.0.1:5", "nonsense", "10.0.0.1"},
		{"10.0.0.1:5", "", "10.0.0.1"},
		{"10.0.0.1:5", "10.0.0.2", "10.0.0.2"},
		{"@", "1.1.1.1", "invalid IP"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = tt.connected
		r.Header.Set("X-Forwarded-For", tt.forwarded)
		if got := clientOf(r, trusted).String(); got != tt.want {
			t.Errorf("%s, %q: %s, want %s", tt.connected, tt.forwarded, got, tt.want)
		}
	}
}

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

// TestMaxRequests occupies the server with a registry that does not respond.
func TestMaxRequests(t *testing.T) {
	registry := manifesttest.NewRegistry(t)
	arrived, release := make(chan bool, 1), make(chan bool)
	registry.Intercept(func(http.ResponseWriter, *http.Request) bool {
		arrived <- true
		<-release
		return false
	})
	s := newTestServer(t, manifesttest.NewStore(t), func(o *Options) { o.MaxRequests = 1 })
	done := make(chan int)
	go func() { done <- s.request(t, http.MethodGet, "/v1/images/"+registry.Host+"/a:1").Code }()
	<-arrived
	w := s.request(t, http.MethodGet, "/v1/images/"+registry.Host+"/b:1")
	wantError(t, w, http.StatusServiceUnavailable, "busy")
	if w.Header().Get("Retry-After") == "" || s.request(t, http.MethodGet, "/healthz").Code != http.StatusOK {
		t.Errorf("header %v, or a probe fails", w.Header())
	}
	close(release)
	if code := <-done; code != http.StatusNotFound {
		t.Errorf("status %d", code)
	}
	if code := s.request(t, http.MethodGet, "/openapi.json").Code; code != http.StatusOK {
		t.Errorf("status %d afterwards", code)
	}
}
