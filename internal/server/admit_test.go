package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"manifest-tool/internal/manifest/manifesttest"
)

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
