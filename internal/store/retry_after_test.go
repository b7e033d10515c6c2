package store

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// TestFault101AnErrorHasRetryAfter reads from a registry, or gets a token from one,
// that limits the rate.
func TestFault101AnErrorHasRetryAfter(t *testing.T) {
	for name, throttled := range map[string]string{"registry": "/v2/app/manifests/1", "token server": "/token"} {
		t.Run(name, func(t *testing.T) {
			var host string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == throttled {
					w.Header().Set("Retry-After", "90")
					w.WriteHeader(http.StatusTooManyRequests)
					return
				}
				w.Header().Set("WWW-Authenticate", `Bearer realm="http://`+host+`/token",service="`+host+`"`)
				w.WriteHeader(http.StatusUnauthorized)
			}))
			defer server.Close()
			host = strings.TrimPrefix(server.URL, "http://")
			s, err := New(Options{Transport: transport.Options{Service: true}})
			if err != nil {
				t.Fatal(err)
			}
			ref, err := reference.Parse(host + "/app:1")
			if err != nil {
				t.Fatal(err)
			}
			s.Announce(ref, false)
			_, getErr := s.Get(t.Context(), ref)
			_, headErr := s.Head(t.Context(), ref)
			for method, err := range map[string]error{"GET": getErr, "HEAD": headErr} {
				if !errors.Is(err, ErrRateLimited) || RetryAfter(err) != 90*time.Second {
					t.Errorf("%s: %v asks to wait %v", method, err, RetryAfter(err))
				}
			}
		})
	}
}
