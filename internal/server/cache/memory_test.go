package cache_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/server/cache"
	"manifest-tool/internal/store"
)

// TestMemory has the bound, the order and the time of values.
func TestMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := cache.NewMemory(4000, time.Now)
		put := func(key string, size int, ttl time.Duration) {
			_ = m.Set(t.Context(), key, make([]byte, size), ttl)
		}
		want := func(keys ...string) {
			t.Helper()
			var got []string
			for _, key := range []string{"a", "b", "c", "d"} {
				if _, found, _ := m.Get(t.Context(), key); found {
					got = append(got, key)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(keys) {
				t.Errorf("has %v, want %v", got, keys)
			}
		}
		put("a", 1000, time.Minute)
		put("b", 1000, time.Hour)
		put("c", 1000, time.Hour)
		want("a", "b", "c")
		_, _, _ = m.Get(t.Context(), "a")
		put("d", 1000, time.Hour) // the one used last longest ago gives way
		want("a", "c", "d")
		put("b", 5000, time.Hour) // more than there is room for
		want("a", "c", "d")
		put("c", 10, time.Hour)
		time.Sleep(time.Minute)
		want("a", "c", "d")
		time.Sleep(time.Nanosecond)
		want("c", "d")
		if values, bytes := m.Size(); values != 2 || bytes > 1700 {
			t.Errorf("%d values of %d bytes", values, bytes)
		}
	})
}

// TestFault100ManyNamesAreBounded asks for images that do not exist. What they leave
// in memory is within the bound, by the measure of the runtime.
func TestFault100ManyNamesAreBounded(t *testing.T) {
	const limit = 4 << 20
	memory := cache.NewMemory(limit, time.Now)
	c := cache.New(cache.Options{Upstream: empty{}, Storage: memory, Now: time.Now})
	before := heap()
	for i := range 30_000 {
		_, _, _ = get(t, c, fmt.Sprintf("r.example/%s/%d:1", strings.Repeat("n", 100), i))
	}
	grown := heap() - before
	if values, bytes := memory.Size(); bytes > limit || values < 1000 {
		t.Errorf("%d values of %d bytes", values, bytes)
	}
	if grown > 2*limit {
		t.Errorf("the heap grew by %d bytes, the limit is %d", grown, limit)
	}
	runtime.KeepAlive(c)
}

// empty is a registry without images.
type empty struct{ manifest.Reader }

func (empty) Announce(reference.Ref, bool) {}

func (empty) Get(_ context.Context, ref reference.Ref) (store.Document, error) {
	return store.Document{}, fmt.Errorf("%s: %w", ref, store.ErrNotFound)
}

// heap returns the bytes of live objects.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
