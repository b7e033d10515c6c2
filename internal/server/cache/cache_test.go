package cache_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/server/cache"
	"manifest-tool/internal/store"
)

const (
	app     = "r.example/app:1"
	headApp = "HEAD r.example/v2/app/manifests/1"
	getApp  = "GET r.example/v2/app/manifests/1"
)

func errRefused() error { return &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED} }

// TestFault98ATagIsCheckedWithHEAD follows a tag: read, used, checked, changed.
func TestFault98ATagIsCheckedWithHEAD(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWorld()
		c := n.machine(t, cache.Options{})
		first := n.put(t, "app", "1", "first")
		start := time.Now()
		if state := wantDigest(t, c, app, first); !state.Miss || state.Stale || !state.Checked.Equal(start) {
			t.Errorf("first: %+v", state)
		}
		n.wantRequests(t, getApp)

		time.Sleep(29 * time.Second)
		if state := wantDigest(t, c, app, first); state.Miss || !state.Checked.Equal(start) {
			t.Errorf("fresh: %+v", state)
		}
		n.wantRequests(t)

		time.Sleep(time.Second)
		if state := wantDigest(t, c, app, first); !state.Miss || time.Since(state.Checked) != 0 {
			t.Errorf("checked: %+v", state)
		}
		n.wantRequests(t, headApp)

		second := n.put(t, "app", "1", "second")
		time.Sleep(30 * time.Second)
		wantDigest(t, c, app, second)
		n.wantRequests(t, headApp, "GET r.example/v2/app/manifests/"+second.String())

		n.delete("app", "1")
		time.Sleep(30 * time.Second)
		if _, state, err := get(t, c, app); !errors.Is(err, store.ErrNotFound) || state.Stale {
			t.Errorf("deleted: %+v, %v", state, err)
		}
	})
}

// TestFault98ADigestIsReadOnce reads by digest what was read by tag.
func TestFault98ADigestIsReadOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWorld()
		c := n.machine(t, cache.Options{})
		d := n.put(t, "app", "1", "first")
		wantDigest(t, c, app, d)
		time.Sleep(23 * time.Hour)
		if state := wantDigest(t, c, "r.example/app@"+d.String(), d); state.Miss || !state.Checked.IsZero() {
			t.Errorf("%+v", state)
		}
		if o, err := c.Reader().Head(t.Context(), ref(t, "r.example/app@"+d.String())); err != nil || o.MediaType != ocispec.MediaTypeImageIndex {
			t.Errorf("%+v, %v", o, err)
		}
		n.wantRequests(t, getApp)
	})
}

// TestFault98ErrorsAreRememberedBriefly has what a registry says of an image it does
// not have, or does not show.
func TestFault98ErrorsAreRememberedBriefly(t *testing.T) {
	const missing = "r.example/app@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for name, tt := range map[string]struct {
		image  string
		status int
		want   error
	}{
		"not found":           {app, 404, store.ErrNotFound},
		"not found by digest": {missing, 404, store.ErrNotFound},
		"unauthorized":        {app, 401, store.ErrUnauthorized},
		"denied":              {app, 403, store.ErrDenied},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newWorld()
				c := n.machine(t, cache.Options{})
				n.set(refuse(tt.status), nil)
				for range 10 {
					_, state, err := get(t, c, tt.image)
					if !errors.Is(err, tt.want) || state.Stale || state.Failure == nil || state.Failure.RetryAfter != 0 {
						t.Fatalf("%v, %+v", err, state)
					}
					time.Sleep(900 * time.Millisecond)
				}
				if stats := c.Stats(); stats.Gets != 1 {
					t.Errorf("%d requests in 9 s, want 1", stats.Gets)
				}
				time.Sleep(time.Second)
				_, _, _ = get(t, c, tt.image)
				if stats := c.Stats(); stats.Gets != 2 {
					t.Errorf("%d requests in 10 s, want 2", stats.Gets)
				}
			})
		})
	}
}

// TestFault98SpellingsShareAnEntry has one image under the names that mean it.
func TestFault98SpellingsShareAnEntry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWorld()
		c := n.machine(t, cache.Options{})
		d := n.put(t, "library/app", "latest", "one")
		for _, name := range []string{
			"app", "app:latest", "library/app", "docker.io/app", "docker.io/library/app:latest", "index.docker.io/library/app", "docker://app",
		} {
			wantDigest(t, c, name, d)
		}
		n.wantRequests(t, "GET index.docker.io/v2/library/app/manifests/latest")
	})
}

// TestFault97ScopesAreApart has a repository that is read with credentials: what they
// show is not given to a reader without them, nor by the name of another repository.
func TestFault97ScopesAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWorld()
		scope := "listed"
		c := n.machine(t, cache.Options{Scope: func(reference.Ref) string { return scope }})
		d := n.put(t, "app", "1", "secret")
		wantDigest(t, c, app, d)
		n.set(refuse(401), nil)
		scope = cache.Anonymous
		for _, name := range []string{app, "r.example/app@" + d.String(), "r.example/other@" + d.String()} {
			if _, _, err := get(t, c, name); !errors.Is(err, store.ErrUnauthorized) {
				t.Errorf("%s without credentials: %v", name, err)
			}
		}
		if d, err := c.Reader().Head(t.Context(), ref(t, app)); !errors.Is(err, store.ErrUnauthorized) {
			t.Errorf("the tag without credentials: %v, %v", d, err)
		}
		scope = "listed"
		wantDigest(t, c, app, d)
		if _, _, err := get(t, c, "r.example/other@"+d.String()); !errors.Is(err, store.ErrUnauthorized) {
			t.Errorf("by the name of another repository: %v", err)
		}
	})
}

// TestFault99AThousandCallersMakeOneRequest has a slow registry. Half of the callers
// give up, the first one too, and the others get the image.
func TestFault99AThousandCallersMakeOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWorld()
		n.latency = 5 * time.Second
		c := n.machine(t, cache.Options{})
		d := n.put(t, "app", "1", "one")
		impatient := errors.New("gave up")
		var served, left atomic.Int32
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				if i%2 == 0 {
					time.AfterFunc(time.Second, func() { cancel(impatient) })
				}
				o, err := c.Reader().Get(ctx, ref(t, app))
				switch {
				case err == nil && o.Descriptor.Digest == d:
					served.Add(1)
				case errors.Is(err, impatient):
					left.Add(1)
				}
			})
			if i == 0 {
				synctest.Wait()
			}
		}
		wg.Wait()
		if served.Load() != 500 || left.Load() != 500 {
			t.Errorf("%d served, %d gave up", served.Load(), left.Load())
		}
		n.wantRequests(t, getApp)
	})
}

// TestFault103APanicIsAnError has an upstream with a bug.
func TestFault103APanicIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newWorld()
		n.set(func(http.ResponseWriter, *http.Request) bool { panic("a bug") }, nil)
		c := n.machine(t, cache.Options{})
		if _, _, err := get(t, c, app); err == nil {
			t.Error("no error")
		}
		n.set(nil, nil)
		wantDigest(t, c, app, n.put(t, "app", "1", "one"))
	})
}
