package transport

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

// TestHTTPFallback meets real servers under the name of a host that is not of this
// machine.
func TestHTTPFallback(t *testing.T) {
	t.Parallel()
	closing := listen(t, func(c net.Conn) {
		head := make([]byte, 1)
		if _, err := c.Read(head); err == nil && head[0] == 0x16 { // a TLS record
			_ = c.Close()
			return
		}
		_, _ = c.Write([]byte("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"))
	})
	for name, c := range map[string]struct {
		start    func(http.Handler) *httptest.Server
		addr     string
		fallback bool
		want     []string
	}{
		"plain http":             {httptest.NewServer, "", true, []string{"http", "http"}},
		"plain http not allowed": {httptest.NewServer, "", false, nil},
		"TLS":                    {httptest.NewTLSServer, "", true, []string{"https", "https"}},
		"closes TLS":             {nil, closing, true, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var seen []string
			addr := c.addr
			if c.start != nil {
				server := c.start(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					mu.Lock()
					defer mu.Unlock()
					if r.TLS != nil {
						seen = append(seen, "https")
					} else {
						seen = append(seen, "http")
					}
				}))
				server.Config.ErrorLog = quiet(t)
				t.Cleanup(server.Close)
				addr = server.Listener.Addr().String()
			}
			base := &http.Transport{
				DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
					return (&net.Dialer{}).DialContext(ctx, "tcp", addr)
				},
				TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
			}
			t.Cleanup(base.CloseIdleConnections)
			tr := New(Options{Base: base, Host: set(HostConfig{Insecure: true, HTTPFallback: c.fallback})})
			tr.Announce("registry.example:5000", "a", false)
			for range 2 {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://registry.example:5000/v2/a/manifests/1", nil)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := tr.RoundTrip(req)
				if (err == nil) != (c.want != nil) {
					t.Fatalf("error %v", err)
				}
				Discard(resp)
			}
			mu.Lock()
			defer mu.Unlock()
			if c.start != nil && !slices.Equal(seen, c.want) {
				t.Errorf("requests in %v, want %v", seen, c.want)
			}
		})
	}
}
