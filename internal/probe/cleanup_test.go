package probe

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"manifest-tool/internal/probe/probetest"
	"manifest-tool/internal/store/transport"
)

// TestLeft: the report names what a registry has after a run, and nothing else.
func TestLeft(t *testing.T) {
	n := 0
	for name, tt := range map[string]struct {
		fault fault
		want  bool
	}{
		"accepted and not deleted": {when("/manifests/", "DELETE", respond(http.StatusAccepted)), true},
		"nothing was stored":       {respond(http.StatusServiceUnavailable), false},
		"errors of the moment": {when("/", "DELETE", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if n++; n < 3 {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			next.ServeHTTP(w, r)
		}), false},
	} {
		t.Run(name, func(t *testing.T) {
			if left := probeFaulty(t, tt.fault, SectionIndexes).Left; (len(left) > 0) != tt.want {
				t.Errorf("left: %q", left)
			}
		})
	}
}

// TestRequestsOfCleanup: deletion that always fails is not tried twice.
func TestRequestsOfCleanup(t *testing.T) {
	isDigest := func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodDelete && strings.Contains(r.URL.Path, "sha256:") {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		next.ServeHTTP(w, r)
	}
	report := probeFaulty(t, isDigest)
	if report.Requests > 200 || len(report.Left) == 0 {
		t.Errorf("%d requests, left: %q", report.Requests, report.Left)
	}
}

// TestStoredLate: an index that the registry stores after the connection was lost is
// deleted, too.
func TestStoredLate(t *testing.T) {
	registry, stored := probetest.NewRegistry(), ""
	var late sync.WaitGroup
	host := serve(t, inFrontOf(registry, when("/manifests/", "PUT", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.Contains(string(read(r)), "index-empty") {
			next.ServeHTTP(w, r)
			return
		}
		stored = r.URL.Path
		late.Go(func() {
			time.Sleep(settling / 2)
			next.ServeHTTP(httptest.NewRecorder(), r)
		})
		panic(http.ErrAbortHandler)
	})))
	report := probeHost(t, host, transport.Options{}, SectionIndexes)
	late.Wait()
	if got := probetest.Send(registry, http.MethodGet, stored).Code; stored == "" || got != http.StatusNotFound || len(report.Left) > 0 {
		t.Errorf("GET %s: %d, left: %q", stored, got, report.Left)
	}
}

// TestAlwaysThrottled: after one request that was throttled to the end, the others are
// not repeated.
func TestAlwaysThrottled(t *testing.T) {
	report := probeFaulty(t, respond(http.StatusTooManyRequests), SectionConnection, SectionBlobs)
	if most := len(report.Results) + maxThrottled; report.Requests > most {
		t.Errorf("%d requests, want %d at most", report.Requests, most)
	}
	if api, _ := report.Result("connection-api"); api.Status != StatusError || len(api.Exchanges) != 1+maxThrottled {
		t.Errorf("connection-api: %s %q after %d requests", api.Status, api.Detail, len(api.Exchanges))
	}
}
