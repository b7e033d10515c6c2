package cache_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/server/cache"
)

// TestFault101ADownRegistryIsServedStale has a registry that stops responding and
// comes back.
func TestFault101ADownRegistryIsServedStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWorld()
		c := n.machine(t, cache.Options{})
		d := n.put(t, "app", "1", "one")
		start := time.Now()
		wantDigest(t, c, app, d)
		n.set(nil, errRefused())
		time.Sleep(time.Minute)
		n.wantRequests(t, getApp)
		for range 100 {
			state := wantDigest(t, c, app, d)
			if !state.Stale || !state.Checked.Equal(start) || state.Failure == nil || state.Failure.RetryAfter <= 0 || state.Failure.RetryAfter > 5*time.Second {
				t.Fatalf("%+v %v", state, state.Failure)
			}
			time.Sleep(40 * time.Millisecond)
		}
		n.wantRequests(t, headApp)

		n.set(nil, nil)
		time.Sleep(2 * time.Second)
		if state := wantDigest(t, c, app, d); state.Stale || state.Failure != nil {
			t.Errorf("after the registry came back: %+v", state)
		}

		n.set(nil, errRefused())
		time.Sleep(25 * time.Hour)
		if _, _, err := get(t, c, app); err == nil {
			t.Error("an answer of yesterday was used")
		}
	})
}

// TestFault101RetryAfterIsRelayedAndRespected has a registry that limits the rate.
// Nothing is requested from it until the time is over, whatever image is read.
func TestFault101RetryAfterIsRelayedAndRespected(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		value  string
		pause  time.Duration
	}{
		"too many requests": {429, "90", 90 * time.Second},
		"no header":         {429, "", time.Minute},
		"unavailable":       {503, "90", 90 * time.Second},
		"a year":            {429, "31536000", time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newWorld()
				c := n.machine(t, cache.Options{})
				d := n.put(t, "app", "1", "one")
				wantDigest(t, c, app, d)
				n.set(refuse(tt.status, "Retry-After", tt.value), nil)
				time.Sleep(time.Minute)
				n.wantRequests(t, getApp)
				if state := wantDigest(t, c, app, d); !state.Stale || state.Failure.RetryAfter != tt.pause {
					t.Errorf("%+v %+v", state, state.Failure)
				}
				n.wantRequests(t, headApp)
				n.set(nil, nil)
				time.Sleep(tt.pause - 10*time.Second)
				for _, name := range []string{"r.example/other:1", "r.example/app:2", "r.example/app@" + digest.FromString("x").String()} {
					_, state, err := get(t, c, name)
					if err == nil || state.Failure == nil || state.Failure.RetryAfter != 10*time.Second {
						t.Errorf("%s: %v, %+v", name, err, state.Failure)
					}
				}
				if state := wantDigest(t, c, app, d); !state.Stale || state.Failure.RetryAfter != 10*time.Second {
					t.Errorf("%+v", state)
				}
				n.wantRequests(t)
				_, _, _ = get(t, c, "elsewhere.example/app:1") // another registry
				n.wantRequests(t, "GET elsewhere.example/v2/app/manifests/1")
				time.Sleep(10 * time.Second)
				if state := wantDigest(t, c, app, d); state.Stale {
					t.Errorf("%+v", state)
				}
				n.wantRequests(t, headApp)
			})
		})
	}
}

// TestFault101ASilentHostIsLeftAlone reads a hundred images of a host that does not
// respond, and of one that fails for each image.
func TestFault101ASilentHostIsLeftAlone(t *testing.T) {
	for name, tt := range map[string]struct {
		respond func(http.ResponseWriter, *http.Request) bool
		down    error
		want    uint64
	}{
		"down":    {nil, errRefused(), 3},
		"failing": {refuse(500), nil, 100},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newWorld()
				n.set(tt.respond, tt.down)
				c := n.machine(t, cache.Options{})
				for i := range 100 {
					if _, _, err := get(t, c, "r.example/app:"+string(rune('a'+i%26))+string(rune('a'+i/26))); err == nil {
						t.Fatal("no error")
					}
				}
				if got := c.Stats().Gets; got != tt.want {
					t.Errorf("%d requests, want %d", got, tt.want)
				}
			})
		})
	}
}
