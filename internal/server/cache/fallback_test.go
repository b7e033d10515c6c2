package cache_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"manifest-tool/internal/server/cache"
)

// slow is a Storage whose calls take a while, and fail if it has an error.
type slow struct {
	*shared

	calls int
}

func (s *slow) Get(ctx context.Context, key string) ([]byte, bool, error) {
	s.calls++
	if s.err() != nil {
		time.Sleep(250 * time.Millisecond)
	}
	return s.shared.Get(ctx, key)
}

// TestFallback follows a shared Storage that fails and recovers.
func TestFallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		remote := &slow{shared: newShared()}
		var reports []error
		f := cache.NewFallback(remote, cache.NewMemory(1<<20, time.Now), time.Now, func(err error) { reports = append(reports, err) })
		want := func(key string, found bool) {
			t.Helper()
			if _, got, err := f.Get(t.Context(), key); err != nil || got != found {
				t.Errorf("%s: %t, %v; want %t", key, got, err, found)
			}
		}
		if err := f.Set(t.Context(), "a", []byte("1"), time.Hour); err != nil {
			t.Fatal(err)
		}
		_ = remote.Memory.Set(t.Context(), "of another machine", []byte("1"), time.Hour)
		want("a", true)
		want("of another machine", true)

		broken := errors.New("connection lost")
		remote.broken, remote.calls = broken, 0
		start := time.Now()
		for range 1000 {
			want("a", true)
		}
		want("of another machine", false)
		if took := time.Since(start); took != 250*time.Millisecond || remote.calls != 1 || !f.Down() {
			t.Errorf("1000 reads took %v and %d calls", took, remote.calls)
		}
		unlock, acquired, err := f.Lock(t.Context(), "k", time.Minute)
		if unlock(); !acquired || err != nil {
			t.Errorf("lock: %t, %v", acquired, err)
		}
		if err := f.Set(t.Context(), "b", []byte("1"), time.Hour); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		want("b", true)
		if remote.calls != 2 {
			t.Errorf("%d calls, want 2", remote.calls)
		}

		remote.broken = nil
		time.Sleep(time.Second)
		want("of another machine", true)
		want("b", true) // only in memory
		if len(reports) != 2 || !errors.Is(reports[0], broken) || reports[1] != nil || f.Down() {
			t.Errorf("reports: %v", reports)
		}
	})
}

// TestFallbackIgnoresCallersThatGiveUp has a caller whose time is over.
func TestFallbackIgnoresCallersThatGiveUp(t *testing.T) {
	remote := newShared()
	remote.broken = context.Canceled
	f := cache.NewFallback(remote, cache.NewMemory(1<<20, time.Now), time.Now, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := f.Get(ctx, "a"); err != nil || f.Down() {
		t.Errorf("%v, down: %t", err, f.Down())
	}
}
