package oncemap

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestDo(t *testing.T) {
	var m Map[string, int]
	t.Run("once per key", func(t *testing.T) {
		var runs atomic.Int32
		var g sync.WaitGroup
		for range 50 {
			g.Go(func() {
				got, err := m.Do(t.Context(), "a", func() (int, error) { runs.Add(1); return 7, nil })
				if got != 7 || err != nil {
					t.Errorf("got %d, %v", got, err)
				}
			})
		}
		g.Wait()
		if n := runs.Load(); n != 1 {
			t.Errorf("work ran %d times", n)
		}
	})
	t.Run("other key", func(t *testing.T) {
		if got, _ := m.Do(t.Context(), "b", func() (int, error) { return 8, nil }); got != 8 {
			t.Errorf("got %d", got)
		}
	})
	t.Run("errors are stored", func(t *testing.T) {
		failure := errors.New("refused")
		_, _ = m.Do(t.Context(), "c", func() (int, error) { return 0, failure })
		if _, err := m.Do(t.Context(), "c", func() (int, error) { return 1, nil }); !errors.Is(err, failure) {
			t.Errorf("got %v", err)
		}
	})
}

func TestDo_CancelledCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Map[string, int]
		ctx, cancel := context.WithCancel(t.Context())
		var g sync.WaitGroup
		g.Go(func() {
			_, err := m.Do(ctx, "a", func() (int, error) { <-ctx.Done(); return 0, ctx.Err() })
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the cancelled caller got %v", err)
			}
		})
		synctest.Wait()
		g.Go(func() {
			if got, err := m.Do(t.Context(), "a", func() (int, error) { return 7, nil }); got != 7 || err != nil {
				t.Errorf("the caller that waited got %d, %v", got, err)
			}
		})
		synctest.Wait()
		cancel()
		g.Wait()
	})
}

func TestDo_CancelledWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Map[string, int]
		release := make(chan struct{})
		var g sync.WaitGroup
		g.Go(func() {
			_, _ = m.Do(t.Context(), "a", func() (int, error) { <-release; return 7, nil })
		})
		synctest.Wait()
		cause := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		if _, err := m.Do(ctx, "a", func() (int, error) { return 0, nil }); !errors.Is(err, cause) {
			t.Errorf("got %v", err)
		}
		close(release)
		g.Wait()
	})
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Map[string, int]
		if _, stored, _ := m.Wait("a"); stored {
			t.Error("a result without any work")
		}
		release := make(chan struct{})
		go func() {
			_, _ = m.Do(t.Context(), "a", func() (int, error) { <-release; return 7, nil })
		}()
		synctest.Wait()
		time.AfterFunc(time.Second, func() { close(release) })
		if got, stored, err := m.Wait("a"); got != 7 || !stored || err != nil {
			t.Errorf("Wait = %d, %v, %v; want the result of the work in progress", got, stored, err)
		}
		ended, cancel := context.WithCancel(t.Context())
		_, _ = m.Do(ended, "b", func() (int, error) { cancel(); return 0, ended.Err() })
		if _, stored, _ := m.Wait("b"); stored {
			t.Error("the result of a cancelled caller was stored")
		}
	})
}
