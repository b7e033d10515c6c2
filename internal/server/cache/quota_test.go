package cache_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/server/cache"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/transport"
)

// hub counts pulls as Docker Hub does: each GET of a manifest is one.
func hub(left *int) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet && *left == 0 {
			return refuse(429)(w, r)
		}
		if r.Method == http.MethodGet {
			*left--
		}
		w.Header().Set("ratelimit-limit", "100;w=21600")
		w.Header().Set("ratelimit-remaining", fmt.Sprintf("%d;w=21600", *left))
		return false
	}
}

// TestFault101PullsOfDockerHubAreBudgeted reads new images until the reserve is left.
// From then on tags are checked and known content is used.
func TestFault101PullsOfDockerHubAreBudgeted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, left := newWorld(), 20
		c := n.machine(t, cache.Options{Reserve: 10})
		n.set(hub(&left), nil)
		d := n.put(t, "library/app", "latest", "one")
		wantDigest(t, c, "app", d)
		for i := range 30 {
			n.put(t, "library/app", fmt.Sprint(i), fmt.Sprint(i))
			_, state, err := get(t, c, fmt.Sprintf("app:%d", i))
			if served := i < 9; served != (err == nil) {
				t.Fatalf("image %d: %v", i, err)
			}
			if err != nil && (!errors.Is(err, store.ErrRateLimited) || state.Failure.RetryAfter != time.Minute) {
				t.Fatalf("image %d: %v, %+v", i, err, state.Failure)
			}
		}
		if left != 10 {
			t.Errorf("%d pulls are left, want 10", left)
		}
		want := []cache.Quota{{Registry: "docker.io", Scope: cache.Anonymous, RateLimit: transport.RateLimit{Limit: 100, Remaining: 10, Window: 6 * time.Hour}}}
		if diff := cmp.Diff(want, c.Quotas()); diff != "" {
			t.Errorf("quotas (-want +got):\n%s", diff)
		}

		time.Sleep(30 * time.Second)
		if state := wantDigest(t, c, "app", d); state.Stale || !state.Checked.Equal(time.Now()) {
			t.Errorf("a tag that did not change: %+v", state)
		}
		n.put(t, "library/app", "latest", "two")
		time.Sleep(30 * time.Second)
		if _, state, err := get(t, c, "app"); !errors.Is(err, store.ErrRateLimited) || state.Failure.RetryAfter == 0 {
			t.Errorf("a tag that changed: %v, %+v", err, state)
		}
		if left != 10 {
			t.Errorf("%d pulls are left, want 10", left)
		}

		// The registry grants new pulls: a HEAD finds out.
		left = 100
		time.Sleep(2 * time.Minute)
		if _, _, err := get(t, c, "app:29"); err != nil {
			t.Errorf("after the registry granted more: %v", err)
		}
	})
}

// TestTheQuotasOfManyRegistriesAreBounded has a client that names a thousand hosts.
func TestTheQuotasOfManyRegistriesAreBounded(t *testing.T) {
	c := newWorld().machine(t, cache.Options{})
	for i := range 1000 {
		c.Observe(transport.Event{
			URL:       fmt.Sprintf("https://r%d.example/v2/app/manifests/1", i),
			RateLimit: &transport.RateLimit{Limit: 1, Window: time.Hour},
		})
	}
	if got := len(c.Quotas()); got != 64 {
		t.Errorf("%d quotas, want 64", got)
	}
}
