package transport

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	ggcr "github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// TestFault101AServiceSendsEachRequestOnce has a host that refuses, a hundred times:
// no request is repeated and none waits.
func TestFault101AServiceSendsEachRequestOnce(t *testing.T) {
	for _, status := range []int{429, 503} {
		t.Run(statusText(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": func(w http.ResponseWriter, _ *http.Request) {
					calls++
					w.Header().Set("Retry-After", "30")
					w.WriteHeader(status)
				}}}
				tr := New(Options{Base: net, Service: true})
				tr.Announce("registry.example", "a", false)
				start := time.Now()
				for range 100 {
					wantStatus(t, tr, status, "GET", manifestOf("a"), "")
				}
				if calls != 100 || time.Since(start) != 0 {
					t.Errorf("sent %d requests in %v, want 100 at once", calls, time.Since(start))
				}
			})
		})
	}
}

// TestAServiceRequestsATokenForEachRepository holds that what different clients read
// is not in one token: it would grow, and be refused for all of them.
func TestAServiceRequestsATokenForEachRepository(t *testing.T) {
	registry := &gate{name: "https://registry.example", asks: bearerAuth}
	net := &network{hosts: map[string]http.HandlerFunc{registry.name: registry.ServeHTTP}}
	seen := &watched{}
	tr := New(Options{Base: net, Service: true, Observe: seen.tell})
	for _, repository := range []string{"a", "b"} {
		tr.Announce("registry.example", repository, false)
		wantStatus(t, tr, 200, "GET", manifestOf(repository), "")
	}
	wantEvents(t, seen.events, []Event{
		{Method: "GET", URL: manifestOf("a"), Status: 401, Bytes: -1},
		{Method: "GET", URL: registry.tokenURL("repository:a:pull"), Status: 200, Bytes: -1},
		{Method: "GET", URL: manifestOf("a"), Status: 200, Bytes: -1},
		{Method: "GET", URL: registry.tokenURL("repository:b:pull"), Status: 200, Bytes: -1},
		{Method: "GET", URL: manifestOf("b"), Status: 200, Bytes: -1},
	})
}

func TestFault101RetryAfterOf(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		value  string
		want   time.Duration
	}{
		"rate limited": {429, "90", 90 * time.Second},
		"unavailable":  {503, "5", 5 * time.Second},
		"no header":    {429, "", 0},
		"nonsense":     {429, "soon", 0},
		"success":      {200, "90", 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := &failing{status: tt.status, header: http.Header{"Retry-After": {tt.value}}}
			resp, err := (&retry{next: f, service: true}).RoundTrip(request(t, "/v2/a/manifests/1"))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if got := RetryAfterOf(&ggcr.Error{StatusCode: tt.status, Request: resp.Request}); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestRateLimitOf has the headers of Docker Hub, and those of the same names that
// mean something else.
func TestRateLimitOf(t *testing.T) {
	for name, tt := range map[string]struct {
		limit, remaining string
		want             *RateLimit
	}{
		"docker hub":          {"100;w=21600", "76;w=21600", &RateLimit{100, 76, 6 * time.Hour}},
		"nothing left":        {"100;w=21600", "0;w=21600", &RateLimit{100, 0, 6 * time.Hour}},
		"none":                {"", "", nil},
		"only the limit":      {"100;w=21600", "", nil},
		"no window":           {"5000", "4999", nil},
		"a window of nothing": {"100;w=0", "76;w=0", nil},
		"negative":            {"100;w=21600", "-1;w=21600", nil},
		"absurd":              {"100;w=99999999999", "76;w=99999999999", nil},
		"text":                {"many;w=21600", "few;w=21600", nil},
	} {
		t.Run(name, func(t *testing.T) {
			h := http.Header{}
			h.Set("ratelimit-limit", tt.limit)
			h.Set("ratelimit-remaining", tt.remaining)
			if diff := cmp.Diff(tt.want, rateLimitOf(h)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
