package cache_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/server/cache"
)

// shared is a Storage of several machines, with a lock. A test may change its values
// and make it fail.
type shared struct {
	*cache.Memory

	mu     sync.Mutex
	locks  map[string]bool
	keys   map[string]bool
	broken error
}

func newShared() *shared {
	return &shared{Memory: cache.NewMemory(1<<20, time.Now), locks: map[string]bool{}, keys: map[string]bool{}}
}

func (s *shared) err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken
}

func (s *shared) Get(ctx context.Context, key string) ([]byte, bool, error) {
	if err := s.err(); err != nil {
		return nil, false, err
	}
	return s.Memory.Get(ctx, key)
}

func (s *shared) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := s.err(); err != nil {
		return err
	}
	s.mu.Lock()
	s.keys[key] = true
	s.mu.Unlock()
	return s.Memory.Set(ctx, key, value, ttl)
}

func (s *shared) Lock(_ context.Context, key string, _ time.Duration) (func(), bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil || s.locks[key] {
		return func() {}, false, s.broken
	}
	s.locks[key] = true
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.locks, key)
	}, true, nil
}

// TestFault99ThreeMachinesMakeOneRequest spreads cold requests over machines that share
// a Storage.
func TestFault99ThreeMachinesMakeOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, all := newWorld(), newShared()
		n.latency = time.Second
		d := n.put(t, "app", "1", "one")
		var wg sync.WaitGroup
		for range 3 {
			c := n.machine(t, cache.Options{Storage: all})
			for range 300 {
				wg.Go(func() {
					if o, err := c.Reader().Get(t.Context(), ref(t, app)); err != nil || o.Descriptor.Digest != d {
						t.Errorf("%v", err)
					}
				})
			}
		}
		wg.Wait()
		n.wantRequests(t, getApp)
	})
}

// TestABrokenStorageFailsNoRequest has a Storage without a connection.
func TestABrokenStorageFailsNoRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, all := newWorld(), newShared()
		d := n.put(t, "app", "1", "one")
		problems := 0
		c := n.machine(t, cache.Options{Storage: all, Problem: func(error) { problems++ }})
		all.broken = errors.New("no connection")
		wantDigest(t, c, app, d)
		wantDigest(t, c, app, d)
		n.wantRequests(t, getApp, "GET r.example/v2/app/manifests/"+d.String(), getApp, "GET r.example/v2/app/manifests/"+d.String())
		if problems == 0 {
			t.Error("no problem was reported")
		}
	})
}

// TestPoisonedValuesAreIgnored puts values into a shared Storage that a Cache did not
// store: each is read from the registry instead.
func TestPoisonedValuesAreIgnored(t *testing.T) {
	other := digest.FromString("other").String()
	future := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	bubble := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // its clock
	for name, tt := range map[string]struct{ keys, value string }{
		"empty":           {"", ""},
		"not JSON":        {"", "\x00\xff"},
		"other bytes":     {"document/", "application/vnd.oci.image.index.v1+json\n{}"},
		"no media type":   {"document/", "{}"},
		"another version": {"tag/", stateJSON(t, 2, other, bubble)},
		"no version":      {"tag/", `{"digest":"` + other + `"}`},
		"no digest":       {"tag/", stateJSON(t, 1, "", bubble)},
		"not a digest":    {"tag/", stateJSON(t, 1, "sha256:../../x", bubble)},
		"from the future": {"tag/", stateJSON(t, 1, other, future)},
		"a failure without end": {
			"tag/", `{"version":1,"tried":"2100-01-01T00:00:00Z","failure":{"reason":"rate-limited","message":"x","retryAfter":9000000000000000000}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, all := newWorld(), newShared()
				d := n.put(t, "app", "1", "one")
				c := n.machine(t, cache.Options{Storage: all})
				wantDigest(t, c, app, d)
				for key := range all.keys {
					if !strings.HasPrefix(key, tt.keys) {
						continue
					}
					if err := all.Set(t.Context(), key, []byte(tt.value), time.Hour); err != nil {
						t.Fatal(err)
					}
				}
				wantDigest(t, n.machine(t, cache.Options{Storage: all}), app, d)
			})
		})
	}
}

func stateJSON(t *testing.T, version int, d string, checked time.Time) string {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"version": version, "digest": d, "checked": checked, "tried": checked})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
