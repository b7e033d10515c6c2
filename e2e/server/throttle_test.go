//go:build e2e

package server

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// throttled is a registry with app:1 and other:1 that limits the rate while it is on.
func throttled(t *testing.T, on *atomic.Bool, status int, header ...string) (*registrytest.Registry, *registrytest.Recorder) {
	t.Helper()
	g := registrytest.StartOpen(t)
	index := fixture.NewIndex(t, fixture.OCI(), fixture.NewImage(t, fixture.OCI(), "one", fixture.ParsePlatform("linux/arm64"), 1))
	g.Put(t, "app", "1", index)
	g.Put(t, "other", "1", index)
	refuse := registrytest.Refuse(status, header...)
	return g.BehindProxy(t, func(w http.ResponseWriter, r *http.Request) bool { return on.Load() && refuse(w, r) })
}

func retryAfter(t *testing.T, r reply) int {
	t.Helper()
	seconds, err := strconv.Atoi(r.Header.Get("Retry-After"))
	if err != nil {
		t.Errorf("Retry-After: %v", err)
	}
	return seconds
}

// TestFault101RetryAfterIsRelayed has a registry that limits the rate from the start:
// it gets one request, whatever images are asked for.
func TestFault101RetryAfterIsRelayed(t *testing.T) {
	t.Parallel()
	var on atomic.Bool
	on.Store(true)
	g, seen := throttled(t, &on, http.StatusTooManyRequests, "Retry-After", "600")
	v := clitest.Session{}.Serve(t, "--allow-registry", g.Host)
	for _, image := range []string{"app:1", "app:2", "other:1", "app:1"} {
		r := get(t, v, "/v1/images/"+g.Host+"/"+image)
		r.wantError(t, http.StatusServiceUnavailable, "rate limited")
		if left := retryAfter(t, r); left < 500 || left > 600 {
			t.Errorf("%s: Retry-After is %d", image, left)
		}
	}
	if all := seen.All(); len(all) != 1 {
		t.Errorf("the registry got %d requests, want 1: %+v", len(all), all)
	}
}

// TestFault101StaleAnswersAreMarked waits until a tag must be checked, while its
// registry limits the rate, or fails.
func TestFault101StaleAnswersAreMarked(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			var on atomic.Bool
			g, seen := throttled(t, &on, status, "Retry-After", "300")
			v := clitest.Session{}.Serve(t, "--allow-registry", g.Host, "--rate", "0")
			path := "/v1/images/" + g.Host + "/app:1"
			fresh := get(t, v, path).Body
			on.Store(true)
			time.Sleep(31 * time.Second) // a tag is fresh for 30 s
			for range 20 {
				r := get(t, v, path)
				age, _ := strconv.Atoi(r.Header.Get("Age"))
				if r.Status != http.StatusOK || r.Body != fresh || age < 30 || !strings.Contains(r.Header.Get("Warning"), "111") {
					t.Fatalf("status %d, %+v, %s", r.Status, r.Header, r.Body)
				}
				if left := retryAfter(t, r); left < 250 || left > 300 {
					t.Errorf("Retry-After is %d", left)
				}
			}
			seen.WantCount(t, 1, http.MethodGet, "manifest", 0)
			seen.WantCount(t, 1, http.MethodHead, "manifest", status)
		})
	}
}

// TestFault101PullsAreLeftToOthers has a registry that counts pulls as Docker Hub does.
func TestFault101PullsAreLeftToOthers(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	index := fixture.NewIndex(t, fixture.OCI(), fixture.NewImage(t, fixture.OCI(), "one", fixture.ParsePlatform("linux/arm64"), 1))
	for tag := range 20 {
		g.Put(t, "app", strconv.Itoa(tag), index)
	}
	var left atomic.Int32
	left.Store(8)
	counted, seen := g.BehindProxy(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/manifests/") {
			left.Add(-1)
		}
		w.Header().Set("ratelimit-limit", "100;w=21600")
		w.Header().Set("ratelimit-remaining", strconv.Itoa(int(left.Load()))+";w=21600")
		return false
	})
	v := clitest.Session{}.Serve(t, "--allow-registry", counted.Host, "--rate", "0", "--pull-reserve", "5")
	served := 0
	for tag := range 20 {
		r := get(t, v, "/v1/images/"+counted.Host+"/app:"+strconv.Itoa(tag))
		if r.Status == http.StatusOK {
			served++
			continue
		}
		r.wantError(t, http.StatusServiceUnavailable, "5 of 100 pulls")
		if retryAfter(t, r) != 60 {
			t.Errorf("Retry-After is %s", r.Header.Get("Retry-After"))
		}
	}
	if served != 3 || left.Load() != 5 {
		t.Errorf("%d served, %d pulls left; want 3 and 5", served, left.Load())
	}
	seen.WantCount(t, 3, http.MethodGet, "manifest", 0)
	shown := get(t, v, "/metrics").Body
	for _, want := range []string{
		fmt.Sprintf("manifest_tool_registry_pulls_remaining{registry=%q,scope=\"anonymous\"} 5\n", counted.Host),
		"manifest_tool_registry_requests_total{kind=\"get\"} 3\n", "manifest_tool_registry_requests_held_total 17\n", "manifest_tool_cache_shared_down 0\n",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("/metrics has no %s:\n%s", want, shown)
		}
	}
}
